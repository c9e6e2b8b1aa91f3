package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Lifeboat in a JVM of its own, started as {@code scripts/lifeboat} starts it. */
final class LifeboatProcess implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofMinutes(3);

  private final Process process;
  private final Path out;
  private final Path err;

  private LifeboatProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * How a run ended.
   *
   * @param status 137 when it was killed
   */
  record Ended(int status, String out, String err) {
    /** What it answered in JSON. */
    JsonNode answer() throws IOException {
      return new ObjectMapper().readTree(out);
    }

    /** Requires that it did what was asked. */
    Ended done() {
      assertThat(status).as("%s%n%s", out, err).isZero();
      return this;
    }
  }

  /** Starts it in a working folder; {@code environment} is added to this JVM's. */
  static LifeboatProcess start(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + environment.getOrDefault("TMPDIR", temporary()),
                "-Dlogback.configurationFile=" + Path.of("src/main/resources/logback.xml").toUri(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.lifeboat.app.LifeboatApplication"));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("lifeboat-out", ".log");
    Path err = Files.createTempFile("lifeboat-err", ".log");
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new LifeboatProcess(builder.start(), out, err);
  }

  private static String temporary() {
    return System.getProperty("java.io.tmpdir");
  }

  /** Runs it to its end. */
  static Ended run(Path folder, Map<String, String> environment, String... arguments)
      throws Exception {
    try (var started = start(folder, environment, arguments)) {
      return started.await(LONGEST);
    }
  }

  /** Waits for its end, and fails if that takes longer: nothing may hang. */
  Ended await(Duration atMost) throws Exception {
    boolean ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(ended).as("it hangs after %s: %s", atMost, Files.readString(err)).isTrue();
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** {@code kill -9}, if it still runs after that time; whether it did. */
  boolean killAfter(Duration delay) throws Exception {
    return !endsWithin(delay) && kill();
  }

  /** Waits that long at most; whether it has ended. */
  boolean endsWithin(Duration atMost) throws InterruptedException {
    return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** {@code kill -9}, and waits until it is gone. */
  boolean kill() throws Exception {
    boolean alive = process.isAlive();
    process.destroyForcibly().waitFor();
    return alive;
  }

  /** Sends it a signal, by its name without SIG. */
  void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has printed so far. */
  String said() throws IOException {
    return Files.readString(out);
  }

  /** What it has printed on standard error so far. */
  String complained() throws IOException {
    return Files.readString(err);
  }

  @Override
  public void close() throws Exception {
    kill();
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
