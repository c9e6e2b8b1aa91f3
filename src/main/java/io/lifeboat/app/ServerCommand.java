package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat server}: the service, until it is stopped. */
final class ServerCommand implements Command {
  @Override
  public String name() {
    return "server";
  }

  @Override
  public String help() {
    return "run the service: schedules, REST endpoints, metrics";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
  }

  @Override
  public int run(Session session) {
    // A wrong configuration is told here in our words, before the web framework starts.
    session.settings();
    var service =
        new ServiceApplication(
            settings -> new EngineCapabilities(Installation.of(settings)),
            session.environment(),
            session.output()::line);
    Optional<Throwable> failure = service.start(session.configFile());
    if (failure.isPresent()) {
      throw failed(failure.get());
    }
    awaitStop();
    return 0;
  }

  private static LifeboatException failed(Throwable cause) {
    Throwable deepest = cause;
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof LifeboatException known) {
        return known;
      }
      deepest = at;
    }
    return new PermanentException(
        ErrorCode.SERVICE_NOT_STARTED,
        "The service could not start: " + deepest.getMessage(),
        "Most often another process has the port: change `server` in the configuration, or stop the"
            + " other one.",
        cause);
  }

  /**
   * The service has threads of its own and stops by the JVM's shutdown hooks; this one only waits
   * for that.
   */
  private static void awaitStop() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
