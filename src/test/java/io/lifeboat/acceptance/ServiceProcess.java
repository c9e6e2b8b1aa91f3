package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code lifeboat server} in a JVM of its own, and a client for it. */
final class ServiceProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("Lifeboat is ready at (\\S+?)/?\\R");
  private static final Pattern TOKEN = Pattern.compile("lbt_\\S+(?=\\R)");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration GLANCE = Duration.ofMillis(20);

  private final HttpClient client = HttpClient.newHttpClient();
  private final LifeboatProcess process;
  private final String address;
  private final String token;

  private ServiceProcess(LifeboatProcess process, String address, String token) {
    this.process = process;
    this.address = address;
    this.token = token;
  }

  /** Starts it, and waits until it is ready; the token is that of the first start. */
  static ServiceProcess start(Path folder, Optional<String> token) throws Exception {
    return start(folder, Map.of(), token);
  }

  /** The same; {@code environment} is added to this JVM's. */
  static ServiceProcess start(Path folder, Map<String, String> environment, Optional<String> token)
      throws Exception {
    LifeboatProcess process =
        LifeboatProcess.start(folder, environment, "server", "--config", "config.yml");
    try {
      String address = await(process, READY).group(1);
      return new ServiceProcess(
          process, address, token.isPresent() ? token.get() : await(process, TOKEN).group());
    } catch (AssertionError | Exception e) {
      process.close();
      throw e;
    }
  }

  private static Matcher await(LifeboatProcess process, Pattern pattern) throws Exception {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Matcher said = pattern.matcher(process.said());
      if (said.find()) {
        return said;
      }
      boolean ended = process.endsWithin(GLANCE);
      assertThat(!ended && System.nanoTime() < deadlineNanos)
          .as("%s%n%s", process.said(), process.complained())
          .isTrue();
    }
  }

  String token() {
    return token;
  }

  /** Asks for work; answers its operation's id. */
  String begin(String path, String json) throws Exception {
    var answer =
        client.send(
            request(path).POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return new ObjectMapper().readTree(answer.body()).path("id").asText();
  }

  JsonNode operation(String id) throws Exception {
    return get("/v1/operations/" + id);
  }

  /** Whether an operation has ended, however. */
  boolean hasEnded(String id) throws Exception {
    return operation(id).path("state").asText().matches("SUCCEEDED|FAILED|CANCELLED|INTERRUPTED");
  }

  /** Waits for an operation's end. */
  JsonNode ended(String id) throws Exception {
    while (!hasEnded(id)) {
      assertThat(process.endsWithin(GLANCE)).as(process.complained()).isFalse();
    }
    return operation(id);
  }

  /** Waits for an operation's end, and requires that it did its work. */
  JsonNode done(String id) throws Exception {
    JsonNode operation = ended(id);
    assertThat(operation.path("state").asText())
        .as(operation.toPrettyString())
        .isEqualTo("SUCCEEDED");
    return operation;
  }

  /** What is shown of a plan, as soon as that is as it should be. */
  JsonNode plan(String name, Predicate<JsonNode> wanted) throws Exception {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode plans = get("/v1/plans");
      for (JsonNode plan : plans.path("plans")) {
        if (plan.path("name").asText().equals(name) && wanted.test(plan)) {
          return plan;
        }
      }
      boolean ended = process.endsWithin(GLANCE);
      assertThat(!ended && System.nanoTime() < deadlineNanos)
          .as("%s%n%s", plans, process.complained())
          .isTrue();
    }
  }

  /** How a plan's stream of WAL fares, as soon as that is as it should be; asks no repository. */
  JsonNode wal(String plan, Predicate<JsonNode> wanted) throws Exception {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode stream = get("/v1/wal").path("streams").path(plan);
      if (wanted.test(stream)) {
        return stream;
      }
      boolean ended = process.endsWithin(GLANCE);
      assertThat(!ended && System.nanoTime() < deadlineNanos)
          .as("%s%n%s", stream, process.complained())
          .isTrue();
    }
  }

  /** A plan's backups, newest first. */
  JsonNode backups(String plan) throws Exception {
    return get("/v1/operations?type=backup&plan=" + plan).path("operations");
  }

  private JsonNode get(String path) throws Exception {
    var answer = client.send(request(path).GET().build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  /** Waits until its log says all of this in one line. */
  void awaitLogged(String... words) throws Exception {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!hasLogged(words)) {
      boolean ended = process.endsWithin(GLANCE);
      assertThat(!ended && System.nanoTime() < deadlineNanos)
          .as("%s in %n%s%n%s", List.of(words), process.said(), process.complained())
          .isTrue();
    }
  }

  /** Whether its log says all of this in one line. */
  boolean hasLogged(String... words) throws Exception {
    return process.said().lines().anyMatch(line -> Stream.of(words).allMatch(line::contains));
  }

  /** It stands still, as in a machine that is suspended. */
  void hold() throws Exception {
    process.signal("STOP");
  }

  /** It goes on. */
  void resume() throws Exception {
    process.signal("CONT");
  }

  /** The state that a plan's stream of WAL is shown in. */
  static String walState(JsonNode plan) {
    return plan.path("wal").path("state").asText();
  }

  /** The recovery point that is shown of a plan's stream of WAL; long ago where none is. */
  static Instant recoveryPoint(JsonNode plan) {
    String shown = plan.path("wal").path("recoveryPoint").asText();
    return shown.isEmpty() ? Instant.EPOCH : Instant.parse(shown);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json");
  }

  /** {@code kill -9}. */
  void kill() throws Exception {
    process.kill();
  }

  /** {@code kill -9} after that time. */
  void killAfter(Duration delay) throws Exception {
    assertThat(process.killAfter(delay)).as(process.complained()).isTrue();
  }

  @Override
  public void close() throws Exception {
    process.close();
  }
}
