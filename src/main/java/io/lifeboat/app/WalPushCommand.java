package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.wal.WalPusher;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushCall;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import net.sourceforge.argparse4j.inf.Subparser;

/**
 * {@code lifeboat wal-push}: what {@code archive_command} runs. The long way: to the service, if it
 * runs after all, else into spool and repository by itself. The quick way is {@link
 * io.lifeboat.app.push.PushClient}, which {@code scripts/lifeboat} tries first.
 */
final class WalPushCommand implements Command {
  private static final Duration WHILE_BUSY = Duration.ofMillis(200);
  private static final int SECONDS = 60;

  @Override
  public String name() {
    return "wal-push";
  }

  @Override
  public String help() {
    return "take a file of PostgreSQL's write-ahead log: archive_command = 'lifeboat wal-push"
        + " --plan P --socket S %%p'";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser.addArgument("--plan").metavar("P").required(true).help("the plan of the server");
    parser
        .addArgument("--socket")
        .metavar("S")
        .help("where the service listens; what the configuration says, if it is not given");
    parser
        .addArgument("--timeout")
        .metavar("SECONDS")
        .setDefault(String.valueOf(SECONDS))
        .help("how long it may take; PostgreSQL tries again after that");
    parser.addArgument("file").metavar("FILE").help("PostgreSQL's %%p");
  }

  @Override
  public int run(Session session) {
    Path file = Path.of(session.text("file"));
    Duration patience = patience(session.text("timeout"));
    if (!Files.isReadable(file)) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          file + " cannot be read",
          "Give PostgreSQL's %p, and run this as the server's user.");
    }
    Settings settings = session.settings();
    String plan = session.text("plan");
    PlanConfig config = plan(settings, plan);
    PushRequest request = request(session, plan, file, patience);
    Path socket =
        session.optional("socket").map(Path::of).orElseGet(() -> settings.walPush().socket());
    try {
      long untilNanos = System.nanoTime() + patience.dividedBy(2).toNanos();
      while (true) {
        Optional<PushCall> service = service(socket);
        try {
          PushAnswer answer =
              service.isPresent()
                  ? call(service.get(), request, file, patience)
                  : alone(session, config, request, file, patience);
          return answered(session, request, answer, service.isPresent());
        } catch (PermanentException e) {
          // A service that starts, or that stops: PostgreSQL takes a minute off after three quick
          // failures.
          if (e.code() != ErrorCode.SOURCE_BUSY || System.nanoTime() > untilNanos) {
            throw e;
          }
          Thread.sleep(WHILE_BUSY);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException(
          ErrorCode.CANCELLED, "It was interrupted", "PostgreSQL tries again.", e);
    } catch (IOException e) {
      throw new TransientException(
          ErrorCode.IO_FAILED,
          file.getFileName() + " was not taken: " + e.getMessage(),
          "PostgreSQL tries again.",
          e);
    }
  }

  private static Duration patience(String seconds) {
    try {
      int number = Integer.parseInt(seconds);
      if (number > 0 && number <= 3600) {
        return Duration.ofSeconds(number);
      }
    } catch (NumberFormatException e) {
      // Told below, as all else that is no such number.
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID,
        "--timeout is not understood: '" + seconds + "'",
        "Give seconds, 1 to 3600.");
  }

  private static PlanConfig plan(Settings settings, String name) {
    return Optional.ofNullable(settings.plans().get(name))
        .filter(PlanConfig::pushesWal)
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "The configuration has no plan '" + name + "' with wal: { transport: push }",
                "Name one with --plan, or write that into the plan."));
  }

  private static PushRequest request(Session session, String plan, Path file, Duration patience) {
    try {
      return PushRequest.of(plan, file, session.clock().millis(), (int) patience.toSeconds());
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED, file + " cannot be read: " + e, "See that it is there.", e);
    }
  }

  private static Optional<PushCall> service(Path socket) {
    try {
      return Optional.of(PushCall.connect(socket));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Cut off in time: a service that hangs must not hang the archiver. */
  private static PushAnswer call(PushCall call, PushRequest request, Path file, Duration patience)
      throws IOException {
    try (call;
        var clock =
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("wal-push-clock").factory())) {
      var cut =
          clock.schedule(
              () -> {
                call.close();
                return true;
              },
              patience.toMillis(),
              TimeUnit.MILLISECONDS);
      PushAnswer answer = call.send(request, file);
      cut.cancel(false);
      clock.shutdownNow();
      return answer;
    }
  }

  private static PushAnswer alone(
      Session session, PlanConfig plan, PushRequest request, Path file, Duration patience)
      throws IOException {
    Installation installation = session.installation();
    requireOwn(installation.workFolder());
    if (!(installation.sources().get(plan.source()) instanceof SourceConfig.Postgres source)) {
      throw new IllegalStateException("No PostgreSQL source: " + plan.source());
    }
    var repositories =
        session.keep(new OpenRepositories(installation, session.random(), session.clock()));
    try (var pusher =
            WalPusher.start(
                new PostgresServer(PostgresAddress.of(source)),
                WalStreams.spool(installation, request.plan()),
                WalStreams.archives(repositories, plan),
                WalStreams.options(request.plan(), plan.wal().orElseThrow()),
                event -> {},
                session.clock());
        FileChannel bytes = FileChannel.open(file, StandardOpenOption.READ)) {
      PushAnswer answer = pusher.take(request, bytes);
      // Nobody else may come to store what is only on this disk.
      if (answer.isTaken() && !pusher.awaitStored(patience.dividedBy(2))) {
        return PushAnswer.taken(
            answer.sentence()
                + "it waits on this host's disk; the next push, or the service, stores it");
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PushAnswer.later("it was interrupted");
    }
  }

  /** What another user's service could not read later must not be written. */
  private static void requireOwn(Path workFolder) throws IOException {
    Path there = workFolder;
    while (!Files.exists(there)) {
      there = Optional.ofNullable(there.toAbsolutePath().getParent()).orElseThrow();
    }
    String user = System.getProperty("user.name");
    String owner = Files.getOwner(there).getName();
    if (!owner.equals(user)) {
      throw new PermanentException(
          ErrorCode.WAL_NOT_TAKEN,
          "No service listens, and the work folder at "
              + there
              + " is "
              + owner
              + "'s, not "
              + user
              + "'s",
          "Start the service: PostgreSQL keeps the WAL and tries again. Without a service, let the"
              + " server's user own workFolder.");
    }
  }

  private static int answered(
      Session session, PushRequest request, PushAnswer answer, boolean byService) {
    if (answer.isTaken()) {
      session
          .output()
          .answer(
              Map.of("file", request.name(), "by", byService ? "service" : "command"),
              () -> {
                if (!answer.sentence().isEmpty()) {
                  session.output().line(request.name() + ": " + answer.sentence());
                }
              });
      return 0;
    }
    throw failure(request, answer);
  }

  private static LifeboatException failure(PushRequest request, PushAnswer answer) {
    String fact = request.name() + " was not taken: " + answer.sentence();
    return answer.outcome() == PushAnswer.Outcome.LATER
        ? new TransientException(
            ErrorCode.WAL_NOT_TAKEN, fact, "PostgreSQL keeps it, and tries again.")
        : new PermanentException(
            ErrorCode.WAL_NOT_TAKEN,
            fact,
            "PostgreSQL keeps it, and tries again: it does not help before this is mended.");
  }
}
