package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.WalStream;
import io.lifeboat.postgres.WalStream.Message;
import io.lifeboat.repository.WalTimes;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Brings one timeline from a stream into the spool, and tells the server how far it has come: often
 * enough that it never takes us for dead, whatever the spool, the store and the listener do.
 */
final class StreamLoop {
  private static final Duration GLANCE = Duration.ofMillis(250);
  private static final Duration SYNC_WHEN_SILENT_FOR = Duration.ofMillis(50);
  private static final Duration SYNC_AFTER = Duration.ofMillis(500);
  private static final long SYNC_BYTES = 16 << 20;
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
  private static final long FAR_BEHIND_BYTES = 32 << 20;
  private static final Lsn UNSAID = new Lsn(0);

  private final WalOptions options;
  private final WalSpool spool;
  private final ReceiverState state;
  private final Clock clock;
  private final BooleanSupplier closing;
  private final WalStream stream;
  private final Stretch stretch;
  private final BudgetAlarm alarm;
  private Lsn received;
  private Lsn synced;
  private Lsn serverEnd;
  private Lsn acknowledged = UNSAID;
  private Optional<Instant> heardAt = Optional.empty();
  private Instant completeAt = Instant.EPOCH;
  private boolean begun;
  private boolean quiet;
  private long unsyncedSinceNanos;
  private long saidNanos = System.nanoTime();
  private long heardNanos = System.nanoTime();

  /**
   * What is streamed.
   *
   * @param current whether it is the timeline that the server writes now
   * @param serverEnd up to where the server has WAL
   * @param statusEach how often the server must hear from us
   */
  record Stretch(WalPosition from, boolean current, Lsn serverEnd, Duration statusEach) {}

  StreamLoop(
      WalOptions options,
      WalSpool spool,
      ReceiverState state,
      Clock clock,
      BooleanSupplier closing,
      WalStream stream,
      Stretch stretch) {
    this.options = options;
    this.spool = spool;
    this.state = state;
    this.clock = clock;
    this.closing = closing;
    this.stream = stream;
    this.stretch = stretch;
    this.alarm = new BudgetAlarm(options.spoolBudgetBytes(), state);
    this.received = stretch.from().lsn();
    this.synced = received;
    this.serverEnd = stretch.serverEnd();
  }

  /** Runs until the timeline ends, the server shuts down (both as they were told) or we do. */
  Optional<Message> run() throws InterruptedException {
    try {
      return receive();
    } catch (RuntimeException e) {
      // A server that died may never send its last bytes again.
      keepWhatCame(e);
      throw e;
    }
  }

  private void keepWhatCame(RuntimeException because) {
    try {
      spool.sync();
    } catch (RuntimeException e) {
      because.addSuppressed(e);
    }
  }

  private Optional<Message> receive() throws InterruptedException {
    while (!closing.getAsBoolean()) {
      Message message = stream.next(patience());
      if (message instanceof Message.TimelineEnd || message instanceof Message.Shutdown) {
        spool.sync();
        return Optional.of(message);
      }
      begin();
      take(message);
      syncIfDue(message instanceof Message.Silence);
      waitForRoom();
      acknowledgeIfDue();
    }
    spool.sync();
    acknowledge(false);
    return Optional.empty();
  }

  private Duration patience() {
    Duration longest = stretch.statusEach().compareTo(GLANCE) < 0 ? stretch.statusEach() : GLANCE;
    return synced.equals(received) ? longest : SYNC_WHEN_SILENT_FOR;
  }

  /** Only now it is sure that there is a stream, not the end of a timeline. */
  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    spool.begin(stretch.from());
    state.stream(WalState.CATCHING_UP, "WAL is streamed from " + stretch.from() + " on.");
    acknowledge(true);
  }

  private void take(Message message) {
    if (!(message instanceof Message.Silence)) {
      heardNanos = System.nanoTime();
    }
    switch (message) {
      case Message.Data data -> data(data);
      case Message.Keepalive keepalive -> keepalive(keepalive);
      case Message.Silence _ -> requireSignOfLife();
      case Message.TimelineEnd _, Message.Shutdown _ ->
          throw new IllegalStateException("Nothing to take: " + message);
    }
    quiet = message instanceof Message.Silence;
  }

  private void data(Message.Data data) {
    if (!data.start().equals(received)) {
      throw new TransientException(
          ErrorCode.WAL_STREAM_FAILED,
          "The server sent WAL from " + data.start() + " where " + received + " is due",
          "Name the server itself in the url, not a pooler or proxy in front of it.");
    }
    if (synced.equals(received)) {
      unsyncedSinceNanos = System.nanoTime();
    }
    received = received.plus(data.bytes().length);
    if (stretch.current() && !received.isBefore(data.serverEnd())) {
      heardAt.ifPresent(before -> completeAt = before);
    }
    spool.write(data.bytes(), new WalTimes(data.sentAt(), completeAt));
    heard(data.serverEnd(), data.sentAt(), true);
    alarm.look(spool.unshippedBytes());
  }

  private void keepalive(Message.Keepalive keepalive) {
    // One that comes behind a jam says what was sent, not what there is.
    boolean tellsTheEnd = quiet && keepalive.sentUpTo().equals(received);
    heard(keepalive.sentUpTo(), keepalive.sentAt(), tellsTheEnd);
    if (keepalive.replyWanted()) {
      // The server may be waiting for us in order to shut down.
      if (options.acknowledge() == Acknowledge.REPOSITORY) {
        spool.sync();
        synced = received;
        spool.hurry();
      }
      acknowledge(false);
    }
  }

  private void heard(Lsn end, Instant sentAt, boolean tellsTheEnd) {
    serverEnd = Lsn.max(serverEnd, end);
    state.serverEnd(serverEnd);
    if (!stretch.current()) {
      return;
    }
    // The server looked where its log ends after it sent the message before, for sure; and before
    // it sent this one, but nobody knows how long.
    if (tellsTheEnd && heardAt.isPresent()) {
      spool.observe(end, heardAt.get());
    }
    heardAt = Optional.of(sentAt);
    if (!received.isBefore(serverEnd)) {
      state.stream(WalState.STREAMING, "All WAL of the server is received as it is written.");
    } else if (serverEnd.minus(received) > FAR_BEHIND_BYTES) {
      state.stream(
          WalState.CATCHING_UP,
          "The server is " + (serverEnd.minus(received) >> 20) + " MiB ahead.");
    }
  }

  private void requireSignOfLife() {
    if (System.nanoTime() - heardNanos > LONGEST_SILENCE.toNanos()) {
      throw new TransientException(
          ErrorCode.WAL_STREAM_FAILED,
          "The server said nothing for " + LONGEST_SILENCE.toSeconds() + " seconds",
          "Check the network between this host and the server; it is tried again.");
    }
  }

  private void syncIfDue(boolean silent) {
    if (synced.equals(received)) {
      return;
    }
    boolean due =
        silent
            || received.minus(synced) >= SYNC_BYTES
            || System.nanoTime() - unsyncedSinceNanos > SYNC_AFTER.toNanos();
    if (due) {
      spool.sync();
      synced = received;
      if (options.acknowledge() == Acknowledge.LOCAL) {
        acknowledge(false);
      }
    }
  }

  /**
   * While the spool is full nothing is read: the server's log waits for us, and so does its slot.
   */
  private void waitForRoom() throws InterruptedException {
    long budget = options.spoolBudgetBytes();
    if (spool.unshippedBytes() < budget) {
      return;
    }
    spool.sync();
    synced = received;
    state.streamStalled(
        StallReason.SPOOL_OVER_BUDGET,
        "The spool holds its budget of "
            + (budget >> 20)
            + " MiB of WAL that is not stored. The"
            + " server keeps the rest: watch its disk.");
    while (!closing.getAsBoolean() && !spool.awaitRoom(budget - budget / 4, patience())) {
      acknowledgeIfDue();
    }
    heardNanos = System.nanoTime();
    state.stream(WalState.CATCHING_UP, "The spool has room again.");
  }

  private void acknowledgeIfDue() {
    boolean due = System.nanoTime() - saidNanos >= stretch.statusEach().toNanos();
    boolean moved =
        options.acknowledge() == Acknowledge.REPOSITORY && acknowledged.isBefore(flushed());
    if (due) {
      // The answer shows that the server lives, and where its log ends.
      acknowledge(true);
    } else if (moved) {
      acknowledge(false);
    }
  }

  /**
   * What the server may forget. While the store is away nothing is said of it: a server that wants
   * to shut down would wait for us; what was received is on our disk.
   */
  private Lsn flushed() {
    WalSpool.Extent extent = spool.extent().orElseThrow();
    return switch (options.acknowledge()) {
      case LOCAL -> extent.flushed();
      case REPOSITORY -> state.isBucketAway() ? UNSAID : extent.durable();
    };
  }

  private void acknowledge(boolean replyWanted) {
    if (begun) {
      Lsn flushed = flushed();
      stream.acknowledge(received, flushed, clock.instant(), replyWanted);
      acknowledged = flushed;
      saidNanos = System.nanoTime();
    }
  }
}
