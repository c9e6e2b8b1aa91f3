package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationType;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.wal.PushSocket;
import io.lifeboat.wal.WalEvent;
import io.lifeboat.wal.WalOptions;
import io.lifeboat.wal.WalPusher;
import io.lifeboat.wal.WalReceiver;
import io.lifeboat.wal.WalState;
import io.lifeboat.wal.WalStatus;
import io.lifeboat.wal.WalTransport;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write-ahead logs that a service streams, or is handed: a transport for each plan that says
 * so. Where WAL is missing for good, a new backup is asked for until one has succeeded.
 * Thread-safe.
 */
public final class WalStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WalStreams.class);
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);

  private final Installation installation;
  private final OpenRepositories repositories;
  private final Clock clock;
  private final Map<String, WalTransport> transports = new ConcurrentHashMap<>();
  private final AtomicReference<Optional<PushSocket>> socket =
      new AtomicReference<>(Optional.empty());
  private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
  private final Map<String, WalState> told = new ConcurrentHashMap<>();
  private final ScheduledExecutorService asking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("wal-backups").daemon().factory());
  private volatile boolean closing;
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
            Optional.empty(),
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
    listen();
    new TreeMap<>(installation.plans())
        .forEach((name, plan) -> {
          if (installation.sources().get(plan.source()) instanceof SourceConfig.Postgres source) {
            plan.wal().ifPresent(wal -> start(name, plan, source, wal));
          }
        });
  }

  /** Before a spool is opened: who finds nobody listening opens it himself. */
  private void listen() {
    if (installation.plans().values().stream().noneMatch(PlanConfig::pushesWal)) {
      return;
    }
    try {
      Settings.WalPush push = installation.walPush().orElseThrow();
      socket.set(Optional.of(PushSocket.listen(push.socket(), push.group(), this::take)));
      LOG.info("event=wal-push-listens socket={}", push.socket());
    } catch (LifeboatException e) {
      LOG.error(
          "event=wal-push-does-not-listen code={} because={} hint={}",
          e.code(),
          e.getMessage(),
          e.hint());
    }
  }

  private PushAnswer take(PushRequest request, ReadableByteChannel bytes) throws IOException {
    boolean isPushed =
        Optional.ofNullable(installation.plans().get(request.plan()))
            .filter(PlanConfig::pushesWal)
            .isPresent();
    if (!isPushed) {
      return PushAnswer.refused(
          "the service's configuration has no plan '"
              + request.plan()
              + "' with wal: { transport: push }");
    }
    return opened(request).orElse(null) instanceof WalPusher pusher
        ? pusher.take(request, bytes)
        : PushAnswer.later("the service has not opened this plan's spool; its log says why");
  }

  /** While a service starts: PostgreSQL takes a minute off after three quick failures. */
  private Optional<WalTransport> opened(PushRequest request) {
    Duration half = Duration.ofMillis(request.patienceMillis() / 2);
    long untilNanos = System.nanoTime() + half.toNanos();
    synchronized (transports) {
      while (!transports.containsKey(request.plan())) {
        long leftMillis = (untilNanos - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0 || closing) {
          break;
        }
        try {
          transports.wait(leftMillis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
      }
    }
    return Optional.ofNullable(transports.get(request.plan()));
  }

  private void start(
      String name, PlanConfig plan, SourceConfig.Postgres source, PlanConfig.Wal wal) {
    try {
      WalTransport transport =
          wal.isPushed()
              ? WalPusher.start(
                  new PostgresServer(PostgresAddress.of(source)),
                  spool(installation, name),
                  archives(repositories, plan),
                  options(name, wal),
                  event -> tell(name, event),
                  clock)
              : WalReceiver.start(
                  new PostgresServer(PostgresAddress.of(source)),
                  spool(installation, name),
                  archives(repositories, plan),
                  options(name, wal),
                  event -> tell(name, event),
                  clock);
      synchronized (transports) {
        transports.put(name, transport);
        transports.notifyAll();
      }
    } catch (LifeboatException e) {
      if (wal.isPushed() && e.code() == ErrorCode.SOURCE_BUSY) {
        // A command that found no service has it for a moment.
        LOG.warn("event=wal-spool-busy plan={} because={}", name, e.getMessage());
        var _ =
            asking.schedule(
                () -> start(name, plan, source, wal),
                SHORTEST_PAUSE.toMillis(),
                TimeUnit.MILLISECONDS);
        return;
      }
      LOG.error(
          "event=wal-not-streamed plan={} code={} because={} hint={}",
          name,
          e.code(),
          e.getMessage(),
          e.hint());
    }
  }

  /** Where a plan's WAL waits. */
  static Path spool(Installation installation, String plan) {
    return installation.workFolder().resolve("wal").resolve(plan);
  }

  /** Where a plan's WAL goes. */
  static Function<String, WalArchive> archives(OpenRepositories repositories, PlanConfig plan) {
    return cluster -> repositories.getForWriting(plan.repository()).walOf(plan.source(), cluster);
  }

  /** How a plan's WAL is taken. */
  static WalOptions options(String plan, PlanConfig.Wal wal) {
    return new WalOptions(
        wal.isPushed() ? "push" : wal.slotOf(plan),
        switch (wal.acknowledge().orElse(PlanConfig.Wal.Acknowledge.repository)) {
          case local -> WalOptions.Acknowledge.LOCAL;
          case repository -> WalOptions.Acknowledge.REPOSITORY;
        },
        wal.flushInterval(),
        wal.spoolBytes());
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
            Optional.ofNullable(transports.get(plan)).ifPresent(WalTransport::backupTaken);
            LOG.info("event=wal-gap-made-up-for plan={} operation={}", plan, operation.id());
          }
        });
  }

  /**
   * Waits until the server keeps WAL for a plan that streams it, so that it goes on where the
   * backup ends; not for ever.
   */
  void beforeBackup(String plan, Progress progress) {
    Optional.ofNullable(transports.get(plan))
        .filter(transport -> !transport.awaitReady(SLOT_PATIENCE))
        .ifPresent(transport ->
            progress.event(
                "The server does not keep WAL for this plan yet: no point in time right after this"
                    + " backup may be restorable. "
                    + transport.status().lastError().orElse("")));
  }

  /** How each plan's WAL fares. */
  Map<String, WalStatus> status() {
    Map<String, WalStatus> status = new TreeMap<>();
    transports.forEach((plan, transport) -> status.put(plan, transport.status()));
    return status;
  }

  @Override
  public void close() {
    synchronized (transports) {
      closing = true;
      transports.notifyAll();
    }
    asking.shutdownNow();
    socket.getAndSet(Optional.empty()).ifPresent(PushSocket::close);
    transports.values().forEach(WalTransport::close);
  }
}
