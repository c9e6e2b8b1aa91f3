package io.lifeboat.wal;

import io.lifeboat.postgres.ArchiverFacts;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalTimes;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a server's write-ahead log as its {@code archive_command} hands it over, segment by
 * segment, and brings it into a repository. The server keeps what it was not told that it is taken.
 * Thread-safe.
 *
 * <p>Whoever pushes writes into the spool, some threads store what is there, one looks whether the
 * server pushes what it should.
 */
public final class WalPusher implements WalTransport {
  private static final Logger LOG = LoggerFactory.getLogger(WalPusher.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(30);
  private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(2);

  /** The segment that is open, and the one that is on its way. */
  private static final int SEGMENTS_OPEN = 2;

  private final PostgresServer server;
  private final WalSpool spool;
  private final ReceiverState state;
  private final WalShipper shipper;
  private final PushIntake intake;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread watch = Thread.ofPlatform().daemon().name("wal-push").unstarted(this::watch);

  private WalPusher(
      PostgresServer server,
      WalOptions options,
      WalSpool spool,
      WalDestination destination,
      ReceiverState state,
      PushedSegments known) {
    this.server = server;
    this.spool = spool;
    this.state = state;
    this.shipper = new WalShipper(spool, destination, state, options.flushInterval());
    this.intake =
        new PushIntake(
            server,
            options,
            spool,
            state,
            new PushedSegmentIntake(server, options, spool, destination, state, known));
  }

  /**
   * Begins to take files. Neither server nor store need be there yet.
   *
   * @param folder the spool, one for each source; made if absent
   * @param archives the archive of a cluster by its system identifier
   * @param options the slot's name is that of the log lines only
   * @param listener is told each change of the state, and alarms; must be quick
   * @throws io.lifeboat.error.PermanentException with code {@code SOURCE_BUSY} if another process
   *     uses the spool, {@code IO_FAILED} or {@code DISK_FULL}
   */
  public static WalPusher start(
      PostgresServer server,
      Path folder,
      Function<String, WalArchive> archives,
      WalOptions options,
      Consumer<WalEvent> listener,
      Clock clock) {
    WalSpool spool = WalSpool.open(folder, options.flushInterval(), clock);
    WalPusher pusher;
    try {
      pusher =
          new WalPusher(
              server,
              options,
              spool,
              new WalDestination(archives),
              new ReceiverState(options.slot(), clock, listener),
              PushedSegments.in(folder.resolve("pushed")));
    } catch (RuntimeException e) {
      spool.close();
      throw e;
    }
    pusher.start();
    return pusher;
  }

  private void start() {
    spool
        .gap()
        .ifPresent(gap -> state.gap("WAL from " + gap + " is missing: a full backup is needed."));
    spool
        .times()
        .map(WalTimes::completeAt)
        .filter(at -> at.isAfter(Instant.EPOCH))
        .ifPresent(at -> spool.observe(spool.position().orElseThrow().lsn(), at));
    shipper.start();
    watch.start();
  }

  /**
   * Takes a file.
   *
   * @param bytes the file's, as many as the request says
   * @throws IOException if the bytes end before they are complete: nothing of them is taken
   */
  public PushAnswer take(PushRequest request, ReadableByteChannel bytes) throws IOException {
    if (closing.getCount() == 0) {
      return PushAnswer.later("the service stops; it is tried again");
    }
    try {
      return intake.take(request, bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PushAnswer.later("the service stops; it is tried again");
    }
  }

  /**
   * Waits until all that was taken is stored, or so long.
   *
   * @return whether it is
   */
  public boolean awaitStored(Duration patience) throws InterruptedException {
    return spool.awaitRoom(1, patience);
  }

  private void watch() {
    try {
      do {
        shipper.tellIfStuck();
        lookAtServer();
      } while (!closing.await(BETWEEN_LOOKS.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      LOG.debug("event=wal-push-watch-ended");
    }
  }

  /** What does not come cannot tell of itself. */
  private void lookAtServer() {
    ArchiverFacts facts;
    try {
      facts = ArchiverFacts.of(server);
    } catch (RuntimeException | Error e) {
      // Segments come without that; only whether some are missing is not known.
      LOG.debug("event=wal-archiver-not-seen because={}", e.toString());
      return;
    }
    state.serverEnd(facts.end());
    if (!facts.archives()) {
      state.streamStalled(
          StallReason.NOT_PUSHED,
          "The server archives nothing: archive_mode is "
              + facts.mode()
              + ", or archive_command is empty. `lifeboat check` says what to set.");
    } else if (intake.isRefusing()) {
      LOG.debug("event=wal-push-refused-before");
    } else if (facts.failing()) {
      state.streamStalled(
          StallReason.NOT_PUSHED,
          "The server could not hand over "
              + facts.lastFailed().orElse("a file")
              + " the last time it tried: its log says why.");
    } else {
      spool.position().ifPresent(have -> compare(have.lsn(), facts.end()));
    }
  }

  private void compare(Lsn have, Lsn end) {
    long behind = end.minus(have);
    if (behind > (long) SEGMENTS_OPEN * spool.segmentBytes()) {
      state.stream(
          WalState.CATCHING_UP, "The server has " + (behind >> 20) + " MiB that did not come yet.");
    } else {
      state.stream(WalState.STREAMING, "The server hands over what it should.");
    }
  }

  @Override
  public WalStatus status() {
    return state.status(spool);
  }

  /** A server that archives keeps WAL until it was told that it is taken: at once. */
  @Override
  public boolean awaitReady(Duration patience) {
    return true;
  }

  @Override
  public void backupTaken() {
    spool.gap(Optional.empty());
    state.gapEnded();
  }

  @Override
  public void close() {
    closing.countDown();
    watch.interrupt();
    try {
      watch.join(LONGEST_FAREWELL);
      intake.awaitIdle(LONGEST_FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    shipper.close();
    try {
      // What the next one need not store again.
      spool.settle();
    } catch (RuntimeException e) {
      LOG.warn("event=wal-spool-not-settled because={}", e.toString());
    }
    spool.close();
  }
}
