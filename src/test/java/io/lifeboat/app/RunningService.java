package io.lifeboat.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dropwizard.testing.DropwizardTestSupport;
import io.lifeboat.operation.FakeEngines;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The real service on free ports, around engines that a test controls; and a client for it. */
public final class RunningService implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      server:
        applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
        adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
        requestLog: { appenders: [] }
      logging: { level: WARN }
      keys: { recovery: ./recovery-kit.txt }
      operations: { stopWithin: PT5S }
      repositories:
        local:
          store: { type: folder, path: repository }
          prune: { grace: PT0.001S, schedule: { cron: "0 3 1 1 *" } }
          verify: { level: L2, subset: 1/4 }
      sources: { books: { type: files, paths: [books] } }
      plans:
        books-plan:
          source: books
          repository: local
          schedule: { cron: "0 2 1 1 *", zone: Europe/Berlin }
          retention: { last: 1, keepTags: ["release-*"] }
          tags: [nightly]
          objectives: { rpo: PT24H, rto: PT30M }
          drill: { scratch: process }
      """;

  private final DropwizardTestSupport<LifeboatConfiguration> support;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper mapper = new ObjectMapper();

  /** What it printed. */
  public final List<String> announced = new CopyOnWriteArrayList<>();

  /** The token that the client sends. */
  public Optional<String> token = Optional.empty();

  /** Starts a service whose files are in a folder; there may be some of an earlier one. */
  public RunningService(Path folder, CapabilitiesFactory factory) throws Exception {
    this(factory, writeConfiguration(folder));
  }

  /** Starts a service with a configuration that is there. */
  RunningService(CapabilitiesFactory factory, Path file) throws Exception {
    support =
        new DropwizardTestSupport<>(ServiceApplication.class, file.toString()) {
          @Override
          public io.dropwizard.core.Application<LifeboatConfiguration> newApplication() {
            return new ServiceApplication(factory, Map.of(), announced::add);
          }
        };
    support.before();
    token = printedToken();
  }

  /** Writes the configuration that such a service has. */
  static Path writeConfiguration(Path folder) throws IOException {
    return Files.writeString(folder.resolve("config.yml"), CONFIGURATION);
  }

  /** The token that it printed, if it did. */
  public Optional<String> printedToken() {
    return announced.stream()
        .filter(line -> line.contains("lbt_"))
        .map(line -> line.substring(line.indexOf("lbt_")))
        .findFirst();
  }

  /** One answer. */
  public record Answer(int status, JsonNode body, HttpResponse<String> response) {
    /** A text of the body, by JSON pointer. */
    public String text(String pointer) {
      return body.at(pointer).asText();
    }
  }

  /** GET. */
  public Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  /** POST of JSON with headers, name after value. */
  public Answer post(String path, String json, String... headers)
      throws IOException, InterruptedException {
    var request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  /** A request to the API. */
  public HttpRequest.Builder request(String path) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + support.getLocalPort() + path));
    token.ifPresent(it -> request.header("Authorization", "Bearer " + it));
    return request;
  }

  /** Sends any request. */
  public Answer send(HttpRequest request) throws IOException, InterruptedException {
    var response = client.send(request, BodyHandlers.ofString());
    String type = response.headers().firstValue("Content-Type").orElse("");
    JsonNode body = type.contains("json") ? mapper.readTree(response.body()) : mapper.nullNode();
    return new Answer(response.statusCode(), body, response);
  }

  /** A page of the admin port, as text. */
  public HttpResponse<String> admin(String path) throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + support.getAdminPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  /** Asks until an operation has ended. */
  public Answer ended(String operation) throws IOException, InterruptedException {
    Answer answer = get("/v1/operations/" + operation);
    while (!answer.text("/state").matches("SUCCEEDED|FAILED|CANCELLED|INTERRUPTED")) {
      Thread.onSpinWait();
      answer = get("/v1/operations/" + operation);
    }
    return answer;
  }

  @Override
  public void close() {
    support.after();
  }

  /** A service around engines. */
  public static RunningService around(FakeEngines engines, Path folder) throws Exception {
    return new RunningService(folder, new FakeCapabilities(engines));
  }
}
