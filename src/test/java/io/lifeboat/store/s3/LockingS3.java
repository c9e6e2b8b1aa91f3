package io.lifeboat.store.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lifeboat.config.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of S3 as locks, probes and policies speak, over HTTP and without signatures: no server
 * that runs in this JVM knows object lock (S3Proxy answers 501 to it). Enforces locks as S3 does;
 * can be told to break promises that real servers break.
 */
final class LockingS3 implements AutoCloseable {
  /** What it does not do, or does wrong. */
  enum Trait {
    /** Ceph 16: the condition of a put is dropped where versions are kept. */
    DEAF_WITH_VERSIONS,
    /** Versions are kept. */
    VERSIONED,
    /** Deleting is denied. */
    NO_DELETE,
    /** A put without a condition is denied. */
    NO_OVERWRITE,
    /** Ceph 16: x-amz-checksum-sha256 is accepted and not looked at. */
    BLIND_TO_CHECKSUMS,
    /** Ceph 16: an object without a lock is said to be missing by whoever is asked for its lock. */
    NO_LOCK_NO_KEY,
    /** It does not know object lock. */
    NO_LOCKS
  }

  /** A request that changed something or asked for a lock. */
  record Seen(String method, String target, Headers headers) {}

  private record Stored(byte[] bytes, Optional<Instant> lockedUntil) {}

  private static final Pattern UNTIL = Pattern.compile("<RetainUntilDate>([^<]+)<");
  private static final String BUCKET = "/vault";

  private final Map<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
  private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
  private final HttpServer server;

  LockingS3(Trait... traits) throws IOException {
    this.traits.addAll(List.of(traits));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", this::answer);
    server.start();
  }

  S3Settings settings() {
    return new S3Settings(
        Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
        "us-east-1",
        BUCKET.substring(1),
        "prod",
        true,
        Optional.of(new S3Settings.Credentials(new Secret("any"), new Secret("any"))));
  }

  /** All requests so far. */
  List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** The names of what it holds. */
  Set<String> keys() {
    return objects.keySet();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders()));
      if (path.equals(BUCKET) || path.equals(BUCKET + "/")) {
        bucket(exchange, query);
      } else if (query.startsWith("retention")) {
        retention(exchange, path, body);
      } else {
        object(exchange, path, body);
      }
    }
  }

  private void bucket(HttpExchange exchange, String query) throws IOException {
    if (query.startsWith("versioning")) {
      String status = traits.contains(Trait.VERSIONED) ? "<Status>Enabled</Status>" : "";
      xml(exchange, 200, "<VersioningConfiguration>" + status + "</VersioningConfiguration>");
    } else if (query.startsWith("object-lock")) {
      if (traits.contains(Trait.NO_LOCKS)) {
        error(exchange, 404, "ObjectLockConfigurationNotFoundError");
        return;
      }
      xml(
          exchange,
          200,
          "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
              + "<DefaultRetention><Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule>"
              + "</ObjectLockConfiguration>");
    } else {
      list(exchange, query);
    }
  }

  private void list(HttpExchange exchange, String query) throws IOException {
    String prefix = parameter(query, "prefix").orElse("");
    String after = parameter(query, "continuation-token").orElse("");
    int most = parameter(query, "max-keys").map(Integer::parseInt).orElse(1000);
    List<String> keys =
        objects.keySet().stream()
            .map(path -> path.substring(BUCKET.length() + 1))
            .filter(key -> key.startsWith(prefix) && key.compareTo(after) > 0)
            .toList();
    var page = new StringBuilder("<ListBucketResult>");
    keys.stream()
        .limit(most)
        .forEach(key ->
            page.append("<Contents><Key>" + key + "</Key><Size>1</Size>")
                .append("<LastModified>2026-03-01T00:00:00.000Z</LastModified></Contents>"));
    boolean more = keys.size() > most;
    page.append("<IsTruncated>" + more + "</IsTruncated>");
    if (more) {
      page.append("<NextContinuationToken>" + keys.get(most - 1) + "</NextContinuationToken>");
    }
    xml(exchange, 200, page + "</ListBucketResult>");
  }

  private static Optional<String> parameter(String query, String name) {
    Matcher found = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(query);
    return found.find()
        ? Optional.of(java.net.URLDecoder.decode(found.group(1), StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private void retention(HttpExchange exchange, String path, byte[] body) throws IOException {
    Stored stored = objects.get(path);
    if (stored == null) {
      error(exchange, 404, "NoSuchKey");
    } else if (exchange.getRequestMethod().equals("GET")) {
      if (stored.lockedUntil().isEmpty()) {
        boolean ceph = traits.contains(Trait.NO_LOCK_NO_KEY);
        error(exchange, 404, ceph ? "NoSuchKey" : "NoSuchObjectLockConfiguration");
        return;
      }
      xml(
          exchange,
          200,
          "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>"
              + stored.lockedUntil().get()
              + "</RetainUntilDate></Retention>");
    } else {
      Matcher until = UNTIL.matcher(new String(body, StandardCharsets.UTF_8));
      Instant wanted = until.find() ? Instant.parse(until.group(1)) : Instant.EPOCH;
      if (stored.lockedUntil().filter(wanted::isBefore).isPresent()) {
        error(exchange, 403, "AccessDenied");
        return;
      }
      objects.put(path, new Stored(stored.bytes(), Optional.of(wanted)));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void object(HttpExchange exchange, String path, byte[] body) throws IOException {
    switch (exchange.getRequestMethod()) {
      case "PUT" -> put(exchange, path, body);
      case "DELETE" -> {
        Stored stored = objects.get(path);
        boolean locked =
            stored != null
                && stored.lockedUntil().filter(end -> end.isAfter(Instant.now())).isPresent();
        if (locked || traits.contains(Trait.NO_DELETE)) {
          error(exchange, 403, "AccessDenied");
          return;
        }
        objects.remove(path);
        exchange.sendResponseHeaders(204, -1);
      }
      default -> read(exchange, path);
    }
  }

  private synchronized void put(HttpExchange exchange, String path, byte[] body)
      throws IOException {
    Headers headers = exchange.getRequestHeaders();
    boolean conditional = headers.containsKey("If-None-Match");
    Optional<String> md5 = Optional.ofNullable(headers.getFirst("Content-MD5"));
    Optional<String> sha = Optional.ofNullable(headers.getFirst("x-amz-checksum-sha256"));
    boolean deaf = traits.containsAll(Set.of(Trait.DEAF_WITH_VERSIONS, Trait.VERSIONED));
    Optional<String> until =
        Optional.ofNullable(headers.getFirst("x-amz-object-lock-retain-until-date"));
    if (conditional && !deaf && objects.containsKey(path)) {
      error(exchange, 412, "PreconditionFailed");
    } else if (!conditional && traits.contains(Trait.NO_OVERWRITE)) {
      error(exchange, 403, "AccessDenied");
    } else if (md5.filter(said -> !said.equals(digest("MD5", body))).isPresent()) {
      error(exchange, 400, "BadDigest");
    } else if (!traits.contains(Trait.BLIND_TO_CHECKSUMS)
        && sha.filter(said -> !said.equals(digest("SHA-256", body))).isPresent()) {
      error(exchange, 400, "BadDigest");
    } else if (until.isPresent() && md5.isEmpty()) {
      error(exchange, 400, "InvalidRequest");
    } else {
      objects.put(path, new Stored(body, until.map(Instant::parse)));
      exchange.getResponseHeaders().set("ETag", "\"0\"");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void read(HttpExchange exchange, String path) throws IOException {
    Stored stored = objects.get(path);
    if (stored == null) {
      error(exchange, 404, "NoSuchKey");
      return;
    }
    byte[] bytes = stored.bytes();
    exchange.getResponseHeaders().set("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", 2);
      int from = Integer.parseInt(ends[0]);
      if (from >= bytes.length) {
        error(exchange, 416, "InvalidRange");
        return;
      }
      int to = Math.min(bytes.length, Integer.parseInt(ends[1]) + 1);
      byte[] part = java.util.Arrays.copyOfRange(bytes, from, to);
      exchange.sendResponseHeaders(206, part.length);
      exchange.getResponseBody().write(part);
      return;
    }
    exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String digest(String algorithm, byte[] body) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance(algorithm).digest(body));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void error(HttpExchange exchange, int status, String code) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      xml(exchange, status, "<Error><Code>" + code + "</Code><Message>no</Message></Error>");
    }
  }

  private static void xml(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    if (server.getExecutor() instanceof java.util.concurrent.ExecutorService threads) {
      threads.shutdownNow();
    }
  }
}
