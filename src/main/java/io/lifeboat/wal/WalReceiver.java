package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SlotFacts;
import io.lifeboat.repository.WalArchive;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams a server's write-ahead log into a repository until it is closed. Whatever goes wrong is
 * told to a listener and tried again; nothing that goes wrong ends it. Thread-safe.
 *
 * <p>One thread receives into the spool, some store what is there, one looks after the slot.
 */
public final class WalReceiver implements WalTransport {
  private static final Logger LOG = LoggerFactory.getLogger(WalReceiver.class);

  /** A server that shuts down waits for who streams from it: leave it the time. */
  private static final Duration AFTER_SHUTDOWN = Duration.ofSeconds(10);

  private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(2);
  private static final int FLUSHES_BETWEEN_LOOKS_AT_THE_SLOT = 3;

  private final PostgresServer server;
  private final WalOptions options;
  private final WalSpool spool;
  private final ReceiverState state;
  private final WalShipper shipper;
  private final WalSession session;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  private WalReceiver(
      PostgresServer server,
      WalOptions options,
      WalSpool spool,
      WalDestination destination,
      ReceiverState state,
      Clock clock) {
    this.server = server;
    this.options = options;
    this.spool = spool;
    this.state = state;
    this.shipper = new WalShipper(spool, destination, state, options.flushInterval());
    this.session =
        new WalSession(server, options, spool, destination, state, clock, this::isClosing);
  }

  /**
   * Begins to receive. Neither server nor store need be there yet.
   *
   * @param folder the spool, one for each source; made if absent
   * @param archives the archive of a cluster by its system identifier
   * @param listener is told each change of the state, and alarms; must be quick
   * @throws PermanentException with code {@code SOURCE_BUSY} if another process uses the spool,
   *     {@code IO_FAILED} or {@code DISK_FULL}
   */
  public static WalReceiver start(
      PostgresServer server,
      Path folder,
      Function<String, WalArchive> archives,
      WalOptions options,
      Consumer<WalEvent> listener,
      Clock clock) {
    WalSpool spool = WalSpool.open(folder, options.flushInterval(), clock);
    var state = new ReceiverState(options.slot(), clock, listener);
    var receiver =
        new WalReceiver(server, options, spool, new WalDestination(archives), state, clock);
    spool
        .gap()
        .ifPresent(gap -> state.gap("WAL from " + gap + " is missing: a full backup is needed."));
    receiver.start();
    return receiver;
  }

  private void start() {
    shipper.start();
    threads.add(
        Thread.ofPlatform().daemon().name("wal-receive-" + options.slot()).start(this::receive));
    threads.add(
        Thread.ofPlatform().daemon().name("wal-slot-" + options.slot()).start(this::watchSlot));
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void receive() {
    var backoff = new Backoff();
    boolean more = true;
    while (more && !isClosing()) {
      Duration pause = AFTER_SHUTDOWN;
      try {
        session.run();
        backoff.reset();
        if (!isClosing()) {
          state.streamStalled(StallReason.SERVER_AWAY, "The server shuts down.");
        }
      } catch (InterruptedException e) {
        return;
      } catch (LifeboatException e) {
        pause = pauseAfter(e, backoff);
      } catch (RuntimeException | Error e) {
        LOG.error("event=wal-receiver-failed slot={}", options.slot(), e);
        state.streamStalled(StallReason.SERVER_REFUSES, "Streaming WAL failed: " + e);
        pause = backoff.next();
      }
      more = rest(pause);
    }
  }

  private Duration pauseAfter(LifeboatException e, Backoff backoff) {
    if (state.streams()) {
      backoff.reset();
    }
    if (!isClosing()) {
      state.streamStalled(reason(e), e.getMessage() + ". " + e.hint());
    }
    return backoff.next();
  }

  private static StallReason reason(LifeboatException e) {
    return switch (e.code()) {
      case STORE_UNREACHABLE, STORE_DENIED, BUCKET_MISSING -> StallReason.BUCKET_AWAY;
      case IO_FAILED, DISK_FULL -> StallReason.SPOOL_FAILED;
      default ->
          e instanceof PermanentException && e.code() != ErrorCode.WAL_REMOVED
              ? StallReason.SERVER_REFUSES
              : StallReason.SERVER_AWAY;
    };
  }

  /** Whether there was no end to it. */
  private boolean rest(Duration pause) {
    try {
      return !closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void watchSlot() {
    Duration each = options.flushInterval().multipliedBy(FLUSHES_BETWEEN_LOOKS_AT_THE_SLOT);
    Optional<String> before = Optional.empty();
    while (rest(each)) {
      shipper.tellIfStuck();
      try {
        Optional<SlotFacts> slot = SlotFacts.of(server, options.slot());
        state.slot(slot);
        Optional<String> now = slot.flatMap(SlotFacts::walStatus);
        if (!now.equals(before) && now.filter("unreserved"::equals).isPresent()) {
          state.notice(
              "The server is about to give up replication slot '"
                  + options.slot()
                  + "': it keeps more WAL than max_slot_wal_keep_size allows.");
        }
        before = now;
      } catch (RuntimeException | Error e) {
        // That the server is away is told by who streams from it.
        LOG.debug("event=wal-slot-not-seen slot={} because={}", options.slot(), e.toString());
      }
    }
  }

  @Override
  public WalStatus status() {
    return state.status(spool);
  }

  @Override
  public boolean awaitReady(Duration patience) {
    return state.awaitSlot(patience);
  }

  @Override
  public void backupTaken() {
    spool.gap(Optional.empty());
    state.gapEnded();
  }

  @Override
  public void close() {
    closing.countDown();
    long deadlineNanos = System.nanoTime() + LONGEST_FAREWELL.toNanos();
    try {
      for (Thread thread : threads) {
        if (!thread.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())))) {
          thread.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    shipper.close();
    spool.close();
  }
}
