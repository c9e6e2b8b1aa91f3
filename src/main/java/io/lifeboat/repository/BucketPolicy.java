package io.lifeboat.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lifeboat.config.StoreConfig.ObjectLock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The least that an identity must be allowed in a bucket to do its part, and what it is denied
 * whatever else it was given. In the policy language of S3, of which Ceph understands a part.
 *
 * @param prefix of the repository within the bucket, without slashes at its ends; may be empty
 * @param principal whom it is about
 * @param objectLock that the identity's configuration sets; empty for none
 */
public record BucketPolicy(
    Dialect dialect,
    String bucket,
    String prefix,
    String principal,
    Optional<ObjectLock> objectLock) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Whose understanding of the language. */
  public enum Dialect {
    /** Knows the condition key {@code s3:if-none-match}. */
    AWS,
    /** Ceph, at least up to version 16, does not: it cannot tell creating from overwriting. */
    CEPH
  }

  /** What an identity is there for. */
  public enum Role {
    /** Takes backups: creates objects, and reads what that takes. */
    WRITER,
    /** Prunes, verifies, extends locks. */
    MAINTENANCE,
    /** Restores. */
    READER
  }

  /**
   * The policy of a role, as JSON. A bucket has one policy: the statements of several roles can be
   * put into one, as their ids differ.
   */
  public String text(Role role) {
    List<Map<String, Object>> statements =
        switch (role) {
          case WRITER -> writer();
          case MAINTENANCE -> maintenance();
          case READER -> List.of(list(), read("ReadObjects", below("*")));
        };
    String part = role.name().charAt(0) + role.name().substring(1).toLowerCase(Locale.ROOT);
    statements.forEach(statement -> statement.put("Sid", part + statement.get("Sid")));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Version", "2012-10-17");
    document.put("Statement", statements);
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A policy of ours cannot be written as JSON", e);
    }
  }

  /**
   * Packs are read back after a backup, and evidence only after an unclear answer to its own
   * writing, to compare; all that can be read here is ciphertext to a writer.
   */
  private List<Map<String, Object>> writer() {
    List<Map<String, Object>> statements = new ArrayList<>();
    statements.add(list());
    statements.add(
        read(
            "ReadWhatWritingNeeds",
            below(
                Names.FORMAT,
                Names.README,
                "spec/*",
                Names.LOG + "*",
                Names.PACKS + "*",
                Names.INDEX + "*",
                "k/*",
                Names.WAL + "*",
                Names.EVIDENCE + "*",
                Names.PROBE + "*")));
    statements.add(create(below("*")));
    objectLock.ifPresent(lock -> statements.add(lockWhatIsWritten(lock)));
    statements.addAll(neverOverwrite());
    List<String> denied =
        new ArrayList<>(
            List.of(
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:PutObjectLegalHold",
                "s3:BypassGovernanceRetention"));
    if (objectLock.isEmpty()) {
      denied.add("s3:PutObjectRetention");
    }
    statements.add(deny("NeverDestroy", denied, below("*")));
    statements.add(leaveTheBucketAlone());
    return statements;
  }

  private List<Map<String, Object>> maintenance() {
    List<Map<String, Object>> statements = new ArrayList<>();
    statements.add(list());
    statements.add(read("ReadObjects", below("*")));
    statements.add(create(below(Names.LOG + "*", "a/*", Names.PACKS + "*", Names.PROBE + "*")));
    statements.add(
        allow(
            "Prune",
            List.of("s3:DeleteObject"),
            below(Names.PACKS + "*", Names.INDEX + "*", Names.WAL + "*", Names.PROBE + "*")));
    statements.add(
        allow(
            "ExtendLocks", List.of("s3:GetObjectRetention", "s3:PutObjectRetention"), below("*")));
    statements.addAll(neverOverwrite());
    statements.add(
        deny(
            "NeverDestroyTheRecord",
            List.of("s3:DeleteObject"),
            below(
                Names.FORMAT,
                Names.README,
                "spec/*",
                Names.LOG + "*",
                "k/*",
                "e/*",
                "a/*",
                Names.WAL + "*/session/*",
                Names.WAL + "*/history")));
    statements.add(
        deny(
            "NeverPastALock",
            List.of(
                "s3:DeleteObjectVersion", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"),
            below("*")));
    statements.add(leaveTheBucketAlone());
    return statements;
  }

  /**
   * S3 tells a missing object from a forbidden one only to whoever may list, and asks that question
   * without a prefix: hence {@code IfExists}. So a listing that names no prefix is allowed as well.
   */
  private Map<String, Object> list() {
    Map<String, Object> statement =
        allow("ListNames", List.of("s3:ListBucket"), List.of(bucketArn()));
    if (!prefix.isEmpty()) {
      statement.put(
          "Condition", Map.of("StringLikeIfExists", Map.of("s3:prefix", List.of(prefix + "/*"))));
    }
    return statement;
  }

  private Map<String, Object> read(String sid, List<String> resources) {
    return allow(sid, List.of("s3:GetObject"), resources);
  }

  private Map<String, Object> create(List<String> resources) {
    Map<String, Object> statement = allow("CreateObjects", List.of("s3:PutObject"), resources);
    if (dialect == Dialect.AWS) {
      statement.put("Condition", withCondition(true));
    }
    return statement;
  }

  /** Holds even for an identity that some other policy allows everything. */
  private List<Map<String, Object>> neverOverwrite() {
    if (dialect == Dialect.CEPH) {
      return List.of();
    }
    Map<String, Object> statement = deny("NeverOverwrite", List.of("s3:PutObject"), below("*"));
    statement.put("Condition", withCondition(false));
    return List.of(statement);
  }

  private static Map<String, Object> withCondition(boolean there) {
    return Map.of("Null", Map.of("s3:if-none-match", String.valueOf(!there)));
  }

  /** To set a lock in a put is a right of its own. */
  private Map<String, Object> lockWhatIsWritten(ObjectLock lock) {
    Map<String, Object> statement =
        allow("LockWhatIsWritten", List.of("s3:PutObjectRetention"), below("*"));
    if (dialect == Dialect.AWS) {
      String days = String.valueOf(lock.retain().toDays() + 1);
      statement.put(
          "Condition",
          Map.of("NumericLessThanEquals", Map.of("s3:object-lock-remaining-retention-days", days)));
    }
    return statement;
  }

  private Map<String, Object> leaveTheBucketAlone() {
    return deny(
        "LeaveTheBucketAlone",
        List.of(
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:PutBucketPolicy",
            "s3:PutBucketVersioning",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutLifecycleConfiguration"),
        List.of(bucketArn()));
  }

  private Map<String, Object> allow(String sid, List<String> actions, List<String> resources) {
    return statement("Allow", sid, actions, resources);
  }

  private Map<String, Object> deny(String sid, List<String> actions, List<String> resources) {
    return statement("Deny", sid, actions, resources);
  }

  private Map<String, Object> statement(
      String effect, String sid, List<String> actions, List<String> resources) {
    Map<String, Object> statement = new LinkedHashMap<>();
    statement.put("Sid", sid);
    statement.put("Effect", effect);
    statement.put("Principal", Map.of("AWS", principal));
    statement.put("Action", actions);
    statement.put("Resource", resources);
    return statement;
  }

  private List<String> below(String... patterns) {
    String folder = prefix.isEmpty() ? "" : prefix + "/";
    return List.of(patterns).stream().map(pattern -> bucketArn() + "/" + folder + pattern).toList();
  }

  private String bucketArn() {
    return "arn:aws:s3:::" + bucket;
  }
}
