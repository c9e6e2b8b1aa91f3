package io.lifeboat.drill.scratch;

import com.github.dockerjava.api.DockerClient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.EnvironmentAndSystemPropertyClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/**
 * The way to the Docker engine, looked for when it is first needed and again after it failed: an
 * engine may be started after us. {@code DOCKER_HOST} and its companions are honoured, then the
 * usual sockets are tried. Only Testcontainers' client is used, not its bookkeeping: Ryuk, which
 * would need a container with a network and the engine's socket, gives less than our own ledger.
 * Thread-safe.
 */
final class DockerConnection {
  private Optional<DockerEngine> connected = Optional.empty();

  /**
   * An engine that answered just now.
   *
   * @throws PermanentException with code {@code SCRATCH_UNAVAILABLE} if none does
   */
  synchronized DockerEngine engine() {
    if (connected.isPresent() && connected.get().answers()) {
      return connected.get();
    }
    connected.ifPresent(DockerEngine::close);
    connected = Optional.empty();
    List<String> tried = new ArrayList<>();
    for (TransportConfig way : ways()) {
      DockerClient client = DockerClientProviderStrategy.getClientForConfig(way);
      DockerEngine engine =
          new DockerEngine(client, "unix".equals(way.getDockerHost().getScheme()));
      if (engine.answers()) {
        connected = Optional.of(engine);
        return engine;
      }
      engine.close();
      tried.add(way.getDockerHost().toString());
    }
    throw new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "No Docker engine answers"
            + (tried.isEmpty() ? "; there is no socket of one" : " at " + String.join(", ", tried)),
        "Start Docker, set DOCKER_HOST, or use scratch: process.");
  }

  /** Whether an engine answers. */
  boolean isAvailable() {
    try {
      engine();
      return true;
    } catch (LifeboatException e) {
      return false;
    }
  }

  @SuppressWarnings(
      "deprecation") // to extend, not to use; it alone knows about TLS to a remote engine
  private static List<TransportConfig> ways() {
    if (Optional.ofNullable(System.getenv("DOCKER_HOST")).filter(h -> !h.isBlank()).isPresent()) {
      return List.of(new EnvironmentAndSystemPropertyClientProviderStrategy().getTransportConfig());
    }
    List<Path> sockets = new ArrayList<>(List.of(Path.of("/var/run/docker.sock")));
    Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
        .ifPresent(folder -> sockets.add(Path.of(folder, "docker.sock")));
    sockets.add(Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"));
    return sockets.stream()
        .filter(Files::exists)
        .map(socket -> TransportConfig.builder().dockerHost(URI.create("unix://" + socket)).build())
        .toList();
  }
}
