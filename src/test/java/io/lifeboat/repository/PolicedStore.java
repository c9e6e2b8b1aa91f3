package io.lifeboat.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.PutOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Enforces a bucket policy, given as JSON, in front of a store in memory: as S3 would for an
 * identity that has no other rights. An explicit deny wins; what nothing allows is denied.
 *
 * <p>What is called stands for these actions: a conditional put for {@code s3:PutObject} with
 * {@code s3:if-none-match}, every read for {@code s3:GetObject}, a read of what is not there for
 * {@code s3:ListBucket} without a prefix too, a listing for {@code s3:ListBucket} with {@code
 * s3:prefix}, a removal for {@code s3:DeleteObject}.
 */
final class PolicedStore extends ForwardingStore {
  /** What was asked for, and whether it was granted. */
  record Asked(String action, String resource, boolean granted) {}

  private final InMemoryStore store;
  private final String bucket;
  private final String keyPrefix;
  private final JsonNode statements;
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());

  PolicedStore(InMemoryStore store, String bucket, String prefix, String policy) throws Exception {
    super(store);
    this.store = store;
    this.bucket = "arn:aws:s3:::" + bucket;
    this.keyPrefix = prefix.isEmpty() ? "" : prefix + "/";
    this.statements = new ObjectMapper().readTree(policy).path("Statement");
  }

  /** Some other policy of the same identity allows it everything. */
  PolicedStore allowedEverythingElsewhere() throws Exception {
    ((ArrayNode) statements)
        .add(
            new ObjectMapper()
                .readTree("{\"Effect\":\"Allow\",\"Action\":[\"s3:*\"],\"Resource\":[\"*\"]}"));
    return this;
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    require("s3:PutObject", object(name), Map.of("s3:if-none-match", "*"));
    return super.putIfAbsent(name, body);
  }

  /** A put without a condition, as nobody here does it but a thief. */
  void overwrite(String name, byte[] bytes) {
    require("s3:PutObject", object(name), Map.of());
    store.overwrite(name, bytes);
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    requireRead(name);
    return super.get(name, mostBytes);
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    requireRead(name);
    return super.getRange(name, offsetBytes, lengthBytes);
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    requireRead(name);
    return super.head(name);
  }

  private void requireRead(String name) {
    require("s3:GetObject", object(name), Map.of());
    if (store.head(name).isEmpty()) {
      require("s3:ListBucket", bucket, Map.of());
    }
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    require("s3:ListBucket", bucket, Map.of("s3:prefix", keyPrefix + prefix));
    return super.list(prefix);
  }

  @Override
  public void delete(String name) {
    require("s3:DeleteObject", object(name), Map.of());
    super.delete(name);
  }

  private String object(String name) {
    return bucket + "/" + keyPrefix + name;
  }

  /** Any other action on an object, or on the bucket. */
  boolean isGranted(String action, String name, Map<String, String> context) {
    return decide(action, name.isEmpty() ? bucket : object(name), context);
  }

  private void require(String action, String resource, Map<String, String> context) {
    boolean granted = decide(action, resource, context);
    asked.add(new Asked(action, resource, granted));
    if (!granted) {
      throw new PermanentException(
          ErrorCode.STORE_DENIED, action + " on " + resource + " is denied", "See the policy.");
    }
  }

  private boolean decide(String action, String resource, Map<String, String> context) {
    boolean allowed = false;
    for (JsonNode statement : statements) {
      if (matches(statement.path("Action"), action)
          && matches(statement.path("Resource"), resource)
          && holds(statement.path("Condition"), context)) {
        if (statement.path("Effect").asText().equals("Deny")) {
          return false;
        }
        allowed = true;
      }
    }
    return allowed;
  }

  private static boolean matches(JsonNode patterns, String value) {
    return StreamSupport.stream(patterns.spliterator(), false)
        .anyMatch(pattern -> like(pattern.asText(), value));
  }

  private static boolean like(String pattern, String value) {
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.matches(regex, value);
  }

  private static boolean holds(JsonNode conditions, Map<String, String> context) {
    return conditions
        .propertyStream()
        .allMatch(operator ->
            operator
                .getValue()
                .propertyStream()
                .allMatch(key ->
                    holds(
                        operator.getKey(),
                        key.getValue(),
                        Optional.ofNullable(context.get(key.getKey())))));
  }

  private static boolean holds(String operator, JsonNode wanted, Optional<String> value) {
    return switch (operator) {
      case "Null" -> value.isEmpty() == wanted.asBoolean();
      case "StringLike" -> value.filter(text -> matches(wanted, text)).isPresent();
      case "StringLikeIfExists" -> value.isEmpty() || matches(wanted, value.get());
      case "NumericLessThanEquals" ->
          value.filter(text -> Long.parseLong(text) <= wanted.asLong()).isPresent();
      default -> throw new AssertionError("This enforcer does not know " + operator);
    };
  }
}
