package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Docker engine beside the machine's, with one image of that one's: it may be killed. */
final class OwnDocker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration GLANCE = Duration.ofMillis(50);

  private final Path folder;
  private Process daemon;

  private OwnDocker(Path folder, Process daemon) {
    this.folder = folder;
    this.daemon = daemon;
  }

  static OwnDocker with(String image, Path folder) throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may start an engine");
    Files.createDirectories(folder);
    var docker = new OwnDocker(folder, daemon(folder));
    docker.awaitAnswer();
    Path saved = folder.resolve("image.tar");
    run(List.of("docker", "save", "--output", saved.toString(), image));
    docker.docker("load", "--input", saved.toString());
    Files.delete(saved);
    return docker;
  }

  private static Process daemon(Path folder) throws Exception {
    Path log = folder.resolve("dockerd.log");
    return new ProcessBuilder(
            "dockerd",
            "--host=unix://" + folder.resolve("docker.sock"),
            "--data-root=" + folder.resolve("data"),
            "--exec-root=" + folder.resolve("exec"),
            "--pidfile=" + folder.resolve("docker.pid"),
            "--bridge=none",
            "--iptables=false")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** What {@code DOCKER_HOST} must say. */
  String host() {
    return "unix://" + folder.resolve("docker.sock");
  }

  /** Ids of all containers there are. */
  List<String> containers() throws Exception {
    return docker("ps", "--all", "--quiet").lines().toList();
  }

  /** {@code kill -9} of the first process of a container, if there is one that runs. */
  boolean killContainer() throws Exception {
    for (String id : containers()) {
      String pid = docker("inspect", "--format", "{{.State.Pid}}", id).strip();
      if (!pid.equals("0")) {
        return new ProcessBuilder("kill", "-9", pid).start().waitFor() == 0;
      }
    }
    return false;
  }

  /** {@code kill -9} of the engine; containers are left behind. */
  void kill() throws Exception {
    daemon.destroyForcibly().waitFor();
  }

  /** As an init system does it: what is left of the old one's own helper ends first. */
  void startAgain() throws Exception {
    Path helper = folder.resolve("exec/containerd/containerd.pid");
    if (Files.exists(helper)) {
      new ProcessBuilder("kill", "-9", Files.readString(helper).strip()).start().waitFor();
      Files.delete(helper);
    }
    Files.deleteIfExists(folder.resolve("docker.pid"));
    daemon = daemon(folder);
    awaitAnswer();
  }

  private void awaitAnswer() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (new ProcessBuilder("docker", "--host", host(), "version").start().waitFor() != 0) {
      assertThat(daemon.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS))
          .as(Files.readString(folder.resolve("dockerd.log")))
          .isFalse();
      assertThat(System.nanoTime()).as("no engine after " + PATIENCE).isLessThan(deadline);
    }
  }

  private String docker(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker", "--host", host()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    return said;
  }

  @Override
  public void close() throws Exception {
    for (String id : containers()) {
      docker("rm", "--force", id);
    }
    daemon.destroy();
    daemon.waitFor();
    // Each engine that was killed leaves its own mount behind.
    String data = folder.resolve("data").toString();
    while (new ProcessBuilder("umount", data).redirectErrorStream(true).start().waitFor() == 0) {
      Thread.onSpinWait();
    }
    run(List.of("rm", "-rf", "--one-file-system", folder.toString()));
  }
}
