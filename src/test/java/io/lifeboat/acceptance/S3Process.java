package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.store.s3.EmbeddedS3;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * An S3 server in a JVM of its own: it can be killed or held, and comes back at the same address
 * with what it had.
 */
final class S3Process implements AutoCloseable {
  private static final String BUCKET = "bucket";

  private final Path folder;
  private int port;
  private Process process;

  private S3Process(Path folder) throws IOException {
    this.folder = folder;
    this.process = begin();
  }

  /** Starts one that keeps its objects in a folder. */
  static S3Process start(Path folder) throws IOException {
    return new S3Process(folder);
  }

  private Process begin() throws IOException {
    Process begun =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Server.class.getName(),
                    folder.toString(),
                    Integer.toString(port)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var said =
        new BufferedReader(new InputStreamReader(begun.getInputStream(), StandardCharsets.UTF_8));
    String answer = said.readLine();
    if (answer == null) {
      throw new IOException("The S3 server does not start");
    }
    port = Integer.parseInt(answer);
    return begun;
  }

  /** What a configuration says below {@code store}. */
  String yaml() {
    return """
    { type: s3, endpoint: "http://127.0.0.1:%d", region: us-east-1, bucket: %s, pathStyle: true,
              accessKey: %s, secretKey: %s }\
    """
        .formatted(port, BUCKET, EmbeddedS3.ACCESS_KEY, EmbeddedS3.SECRET_KEY);
  }

  /** {@code kill -9}: connections are refused from here on. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it again. */
  void restart() throws IOException {
    process = begin();
  }

  /** It stands still: connections are accepted, and nobody answers. */
  void hold() throws Exception {
    signal("STOP");
  }

  /** It goes on. */
  void resume() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** The server's side. */
  static final class Server {
    private Server() {}

    /** {@code Server FOLDER PORT}: prints the port, and runs until standard input ends. */
    public static void main(String[] arguments) throws Exception {
      int port = Integer.parseInt(arguments[1]);
      try (EmbeddedS3 server =
          EmbeddedS3.inFolder(Path.of(arguments[0]), port).createBucket(BUCKET)) {
        System.out.println(server.endpoint().getPort());
        while (System.in.read() >= 0) {
          // whoever started it says nothing; the end of the input is the sign to stop
        }
      }
    }
  }
}
