package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service around the real engines, from an empty folder on. */
@Timeout(120)
class WholeServiceTest {
  @TempDir Path folder;

  @Test
  void whatIsBackedUpOverHttpIsProvenRestoredAndVouchedFor() throws Exception {
    Path books = Files.createDirectories(folder.resolve("books/deep"));
    Files.writeString(books.resolve("a.txt"), "to be or not to be");
    Files.write(folder.resolve("books/b.bin"), new byte[300_000]);
    Files.createDirectories(folder.resolve("repository"));
    Path configuration = RunningService.writeConfiguration(folder);
    assertThat(lifeboat("init", "--config", configuration.toString())).isZero();

    try (var service =
        new RunningService(folder, settings -> new EngineCapabilities(Installation.of(settings)))) {
      var backup = done(service, service.post("/v1/backups", "{\"plan\":\"books-plan\"}"));
      assertThat(backup.at("filesTotal").asInt()).isEqualTo(2);

      var drill = done(service, service.post("/v1/drills", "{\"plan\":\"books-plan\"}"));
      assertThat(drill.at("verdict").asText()).isEqualTo("PASS");

      String target = folder.resolve("restored").toString();
      done(
          service,
          service.post("/v1/restores", "{\"source\":\"books\",\"target\":\"" + target + "\"}"));
      assertThat(Path.of(target, "books/deep/a.txt")).hasContent("to be or not to be");
      assertThat(Path.of(target, "books/b.bin")).hasBinaryContent(new byte[300_000]);

      var snapshot = service.get("/v1/plans").body().at("/plans/0/newestSnapshot");
      assertThat(snapshot.at("/id").asText()).isEqualTo(backup.at("snapshot").asText());
      assertThat(snapshot.at("/proof/verdict").asText()).isEqualTo("PASS");
      assertThat(service.admin("/metrics").body())
          .contains(
              "lifeboat_verified_recovery_point_timestamp_seconds{level=\"L3\",source=\"books\"}");
      assertThat(service.admin("/healthcheck").statusCode()).isEqualTo(200);

      String id = drill.at("drill").asText();
      var evidence = service.get("/v1/drills/" + id + "/evidence").response().body();
      Path file = Files.writeString(folder.resolve("evidence"), evidence);
      assertThat(
              lifeboat("evidence", "verify", "--config", configuration.toString(), file.toString()))
          .isZero();
      var asked =
          service
              .request("/v1/drills/" + id + "/evidence")
              .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
      Path page = folder.resolve("evidence.html");
      try (var browser = HttpClient.newHttpClient()) {
        var answer = browser.send(asked.build(), BodyHandlers.ofFile(page));
        assertThat(answer.headers().firstValue("Content-Type"))
            .hasValueSatisfying(type -> assertThat(type).startsWith("text/html;charset=utf-8"));
      }
      assertThat(page).content().startsWith("<!DOCTYPE html>").contains("Evidence of a restore");
      assertThat(
              lifeboat("evidence", "verify", "--config", configuration.toString(), page.toString()))
          .isZero();
    }
  }

  private record Result(com.fasterxml.jackson.databind.JsonNode json) {
    com.fasterxml.jackson.databind.JsonNode at(String field) {
      return json.path(field);
    }
  }

  private static Result done(RunningService service, RunningService.Answer accepted)
      throws Exception {
    assertThat(accepted.status()).isEqualTo(202);
    var ended = service.ended(accepted.text("/id"));
    assertThat(ended.text("/state")).as(ended.response().body()).isEqualTo("SUCCEEDED");
    return new Result(ended.body().at("/result"));
  }

  private static int lifeboat(String... arguments) {
    var said = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return new CommandLine(said, said, Map.of(), new AtomicBoolean()).run(arguments);
  }
}
