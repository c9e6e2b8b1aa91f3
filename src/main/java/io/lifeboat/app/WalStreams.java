package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationType;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.progress.Progress;
import io.lifeboat.wal.WalEvent;
import io.lifeboat.wal.WalOptions;
import io.lifeboat.wal.WalReceiver;
import io.lifeboat.wal.WalState;
import io.lifeboat.wal.WalStatus;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write-ahead logs that a service streams: a receiver for each plan that says so. Where WAL is
 * missing for good, a new backup is asked for until one has succeeded. Thread-safe.
 */
public final class WalStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WalStreams.class);
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);

  private final Installation installation;
  private final OpenRepositories repositories;
  private final Clock clock;
  private final Map<String, WalReceiver> receivers = new ConcurrentHashMap<>();
  private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
  private final Map<String, WalState> told = new ConcurrentHashMap<>();
  private final ScheduledExecutorService asking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("wal-backups").daemon().factory());
  private BiConsumer<String, String> newBackup = (plan, reason) -> {};

  /** A backup that is needed. */
  private record Wanted(Instant since, String reason, Duration pause) {
    Wanted later() {
      Duration longer = pause.multipliedBy(2);
      return new Wanted(
          since, reason, longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer);
    }
  }

  WalStreams(Installation installation, OpenRepositories repositories, Clock clock) {
    this.installation = installation;
    this.repositories = repositories;
    this.clock = clock;
  }

  /** None at all. */
  static WalStreams none() {
    var nothing =
        new Installation(
            Map.of(),
            new Installation.KeyPaths(Optional.empty(), Optional.empty()),
            Path.of(""),
            Map.of(),
            Map.of(),
            new ConsolePassphrase(Map.of()));
    return new WalStreams(
        nothing,
        new OpenRepositories(nothing, new SecureRandom(), Clock.systemUTC()),
        Clock.systemUTC());
  }

  /**
   * Begins to stream; neither servers nor repositories need to be there yet.
   *
   * @param asks for a backup of a plan, with the reason
   */
  void start(BiConsumer<String, String> asks) {
    newBackup = asks;
    new TreeMap<>(installation.plans())
        .forEach((name, plan) -> {
          if (installation.sources().get(plan.source()) instanceof SourceConfig.Postgres source) {
            plan.wal().ifPresent(wal -> start(name, plan, source, wal));
          }
        });
  }

  private void start(
      String name, PlanConfig plan, SourceConfig.Postgres source, PlanConfig.Wal wal) {
    var options =
        new WalOptions(
            wal.slotOf(name),
            switch (wal.acknowledge().orElse(PlanConfig.Wal.Acknowledge.repository)) {
              case local -> WalOptions.Acknowledge.LOCAL;
              case repository -> WalOptions.Acknowledge.REPOSITORY;
            },
            wal.flushInterval(),
            wal.spoolBytes());
    Path spool = installation.workFolder().resolve("wal").resolve(name);
    try {
      receivers.put(
          name,
          WalReceiver.start(
              new PostgresServer(PostgresAddress.of(source)),
              spool,
              cluster ->
                  repositories.getForWriting(plan.repository()).walOf(plan.source(), cluster),
              options,
              event -> tell(name, event),
              clock));
    } catch (LifeboatException e) {
      LOG.error(
          "event=wal-not-streamed plan={} code={} because={} hint={}",
          name,
          e.code(),
          e.getMessage(),
          e.hint());
    }
  }

  private void tell(String plan, WalEvent event) {
    // What is told without a change of the state is an alarm, or a promotion.
    boolean changed = event.state() != told.put(plan, event.state());
    boolean good =
        changed
            && (event.state() == WalState.STREAMING
                || event.state() == WalState.CATCHING_UP
                || event.state() == WalState.CONNECTING);
    String reason = event.reason().map(Object::toString).orElse("-");
    if (good) {
      LOG.info("event=wal plan={} state={} message={}", plan, event.state(), event.sentence());
    } else {
      LOG.warn(
          "event=wal plan={} state={} reason={} message={}",
          plan,
          event.state(),
          reason,
          event.sentence());
    }
    if (event.state() == WalState.GAP) {
      wanted.put(plan, new Wanted(event.at(), event.sentence(), SHORTEST_PAUSE));
      ask(plan, Duration.ZERO);
    }
  }

  /** On its own thread: whoever tells of an event must not wait. */
  private void ask(String plan, Duration pause) {
    var _ = asking.schedule(() -> ask(plan), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void ask(String plan) {
    Optional.ofNullable(wanted.computeIfPresent(plan, (name, before) -> before.later()))
        .ifPresent(backup -> {
          try {
            newBackup.accept(plan, backup.reason());
          } catch (RuntimeException e) {
            LOG.error("event=wal-backup-not-started plan={}", plan, e);
          }
          // One that is refused, fails, or began before the gap is followed by another.
          ask(plan, backup.pause());
        });
  }

  /** Hears how operations end: a backup that began behind a gap makes up for it. */
  void ended(Operation operation) {
    if (operation.order().type() != OperationType.BACKUP
        || operation.state() != OperationState.SUCCEEDED) {
      return;
    }
    operation
        .order()
        .plan()
        .ifPresent(plan -> {
          Optional<Wanted> gap = Optional.ofNullable(wanted.get(plan));
          boolean behind =
              gap.flatMap(it ->
                      operation.times().started().filter(began -> !began.isBefore(it.since())))
                  .isPresent();
          if (behind && wanted.remove(plan, gap.orElseThrow())) {
            Optional.ofNullable(receivers.get(plan)).ifPresent(WalReceiver::backupTaken);
            LOG.info("event=wal-gap-made-up-for plan={} operation={}", plan, operation.id());
          }
        });
  }

  /**
   * Waits until the server keeps WAL for a plan that streams it, so that it goes on where the
   * backup ends; not for ever.
   */
  void beforeBackup(String plan, Progress progress) {
    Optional.ofNullable(receivers.get(plan))
        .filter(receiver -> !receiver.awaitSlot(SLOT_PATIENCE))
        .ifPresent(receiver ->
            progress.event(
                "The server does not keep WAL for this plan yet: no point in time right after this"
                    + " backup may be restorable. "
                    + receiver.status().lastError().orElse("")));
  }

  /** How each plan's WAL fares. */
  Map<String, WalStatus> status() {
    Map<String, WalStatus> status = new TreeMap<>();
    receivers.forEach((plan, receiver) -> status.put(plan, receiver.status()));
    return status;
  }

  @Override
  public void close() {
    asking.shutdownNow();
    receivers.values().forEach(WalReceiver::close);
  }
}
