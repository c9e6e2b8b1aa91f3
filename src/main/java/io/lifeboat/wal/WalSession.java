package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.ReplicationConnection;
import io.lifeboat.postgres.ReplicationConnection.SlotPosition;
import io.lifeboat.postgres.ReplicationConnection.SystemIdentity;
import io.lifeboat.postgres.SlotFacts;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.WalSettings;
import io.lifeboat.postgres.WalStream.Message;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One connection after the other: finds out who answers, sees that the slot is there, decides where
 * to go on, and streams timeline after timeline. For one thread.
 */
final class WalSession {
  /**
   * Each answer of an idle server proves the time of the one before: the recovery point is two of
   * these old at most.
   */
  private static final Duration LONGEST_STATUS_INTERVAL = Duration.ofSeconds(2);

  private static final Duration SHORTEST_STATUS_INTERVAL = Duration.ofMillis(50);
  private static final int STATUSES_WITHIN_TIMEOUT = 4;

  private final PostgresServer server;
  private final WalOptions options;
  private final WalSpool spool;
  private final WalDestination destination;
  private final ReceiverState state;
  private final Clock clock;
  private final BooleanSupplier closing;

  /** Where the server has no WAL any more. */
  private Optional<WalPosition> missing = Optional.empty();

  WalSession(
      PostgresServer server,
      WalOptions options,
      WalSpool spool,
      WalDestination destination,
      ReceiverState state,
      Clock clock,
      BooleanSupplier closing) {
    this.server = server;
    this.options = options;
    this.spool = spool;
    this.destination = destination;
    this.state = state;
    this.clock = clock;
    this.closing = closing;
  }

  /** Streams until the server shuts down, or we are closed. */
  void run() throws InterruptedException {
    WalSettings settings = WalSettings.of(server);
    try (var connection = ReplicationConnection.openForWal(server.address())) {
      SystemIdentity who = connection.identifySystem();
      spool.claim(who.systemIdentifier(), settings.segmentBytes());
      SlotPosition slot = slot(connection, who);
      TimelineHistory history = history(connection, who.timeline());
      Optional<WalPosition> next = Optional.of(start(slot, history, settings.segmentBytes()));
      while (next.isPresent()) {
        next = stream(connection, next.get(), who, settings);
      }
    }
  }

  private Optional<WalPosition> stream(
      ReplicationConnection connection, WalPosition from, SystemIdentity who, WalSettings settings)
      throws InterruptedException {
    boolean current = from.timeline() >= who.timeline();
    requireNotBehind(from, who);
    Lsn serverEnd = current ? Lsn.max(who.writtenUpTo(), from.lsn()) : from.lsn();
    try {
      var loop =
          new StreamLoop(
              options,
              spool,
              state,
              clock,
              closing,
              connection.streamWal(options.slot(), from.lsn(), from.timeline()),
              new StreamLoop.Stretch(from, current, serverEnd, statusEach(settings)));
      Optional<Message> end = loop.run();
      if (end.isPresent() && end.get() instanceof Message.TimelineEnd switched) {
        spool.endTimeline(from.timeline());
        history(connection, switched.next());
        state.notice(
            "Timeline "
                + from.timeline()
                + " ended at "
                + switched.switchedAt()
                + ": the server was promoted; it goes on with timeline "
                + switched.next()
                + ".");
        Lsn start = switched.switchedAt().segmentStart(settings.segmentBytes());
        return Optional.of(new WalPosition(switched.next(), start));
      }
      return Optional.empty();
    } catch (LifeboatException e) {
      if (e.code() == ErrorCode.WAL_REMOVED) {
        missing =
            Optional.of(
                spool.position().filter(at -> at.timeline() == from.timeline()).orElse(from));
      }
      throw e;
    }
  }

  private static void requireNotBehind(WalPosition from, SystemIdentity who) {
    if (from.timeline() == who.timeline() && who.writtenUpTo().isBefore(from.lsn())) {
      throw new TransientException(
          ErrorCode.WAL_STREAM_FAILED,
          "The server has WAL up to "
              + who.writtenUpTo()
              + " only, and up to "
              + from
              + " was received before",
          "If it is a standby that lags, wait. If it was set back to an older state, configure it"
              + " as a new source and take a full backup: its new WAL contradicts the old.");
    }
  }

  /** Well within the time after which the server cuts off who says nothing. */
  private static Duration statusEach(WalSettings settings) {
    Duration part = settings.senderTimeout().dividedBy(STATUSES_WITHIN_TIMEOUT);
    if (part.isZero() || part.compareTo(LONGEST_STATUS_INTERVAL) > 0) {
      return LONGEST_STATUS_INTERVAL;
    }
    return part.compareTo(SHORTEST_STATUS_INTERVAL) < 0 ? SHORTEST_STATUS_INTERVAL : part;
  }

  /** Where the slot stands, which is made if it is not there or of no use any more. */
  private SlotPosition slot(ReplicationConnection connection, SystemIdentity who) {
    String name = options.slot();
    Optional<SlotFacts> facts = SlotFacts.of(server, name);
    facts.ifPresent(this::requireOurs);
    if (facts.filter(SlotFacts::isLost).isPresent() || keepsNothingForUs(connection, facts)) {
      state.slotLost(
          "The server has given up replication slot '"
              + name
              + "' and the WAL that it kept: max_slot_wal_keep_size was reached, or somebody"
              + " removed WAL. The slot is made anew.");
      connection.dropSlot(name);
      facts = Optional.empty();
    } else if (facts.isEmpty() && wasPromoted(who)) {
      state.notice(
          "The server was promoted, and has no replication slot '" + name + "': it is made.");
    } else if (facts.isEmpty() && spool.position().isPresent()) {
      state.slotLost(
          "Somebody dropped replication slot '" + name + "' on the server. It is made anew.");
    }
    if (facts.isEmpty()) {
      connection.createSlot(name);
      facts = SlotFacts.of(server, name);
    }
    state.slot(facts);
    return connection.readSlot(name).orElse(new SlotPosition(who.timeline(), who.writtenUpTo()));
  }

  private void requireOurs(SlotFacts facts) {
    if (!facts.physical()) {
      throw new PermanentException(
          ErrorCode.WAL_STREAM_FAILED,
          "Replication slot '" + options.slot() + "' is a logical one",
          "Name another slot for this source; Lifeboat makes it.");
    }
    if (facts.activeFor().isPresent()) {
      throw new TransientException(
          ErrorCode.WAL_STREAM_FAILED,
          "Replication slot '"
              + options.slot()
              + "' is in use by server process "
              + facts.activeFor().get(),
          "If it is not the session before this one, which ends by itself, give each receiver a"
              + " slot of its own.");
    }
  }

  /** The slot is there, and yet the server has not what it should have kept. */
  private boolean keepsNothingForUs(ReplicationConnection connection, Optional<SlotFacts> facts) {
    return missing.isPresent()
        && facts.isPresent()
        && connection
            .readSlot(options.slot())
            .filter(slot -> !missing.get().lsn().isBefore(slot.restart()))
            .isPresent();
  }

  private boolean wasPromoted(SystemIdentity who) {
    return spool.position().filter(have -> have.timeline() != who.timeline()).isPresent();
  }

  /** The history of a timeline, which is kept for the repository, with those of its ancestors. */
  private TimelineHistory history(ReplicationConnection connection, int timeline) {
    if (timeline == 1) {
      return TimelineHistory.first();
    }
    byte[] file =
        connection
            .timelineHistory(timeline)
            .orElseThrow(() ->
                new TransientException(
                    ErrorCode.WAL_STREAM_FAILED,
                    "The server has no history of its timeline " + timeline,
                    "Look for the file of that name in its pg_wal."));
    TimelineHistory history = TimelineHistory.parse(timeline, file);
    spool.putHistory(timeline, file);
    for (TimelineHistory.Ancestor ancestor : history.ancestors()) {
      int number = ancestor.timeline();
      if (number > 1 && spool.history(number).isEmpty()) {
        // An old one may have been removed; the newest has all that it said.
        connection.timelineHistory(number).ifPresent(old -> spool.putHistory(number, old));
      }
    }
    return history;
  }

  private WalPosition start(SlotPosition slot, TimelineHistory server, int segmentBytes) {
    var offered = new WalPosition(slot.timeline(), slot.restart().segmentStart(segmentBytes));
    Optional<WalPosition> have =
        missing.or(spool::position).or(() -> archived(offered, segmentBytes));
    if (have.isEmpty()) {
      return offered;
    }
    Optional<TimelineHistory> ours = spool.history(have.get().timeline());
    Optional<WalPosition> next =
        missing.isPresent()
            ? Optional.empty()
            : StartPosition.after(have.get(), ours, server, segmentBytes);
    if (next.isEmpty()) {
      missing = Optional.empty();
      return behindGap(have.get(), offered);
    }
    boolean atItsEnd = server.endOf(next.get().timeline()).equals(Optional.of(next.get().lsn()));
    return spool.goesOnAt(next.get()) || atItsEnd
        ? next.get()
        : new WalPosition(next.get().timeline(), next.get().lsn().segmentStart(segmentBytes));
  }

  private WalPosition behindGap(WalPosition have, WalPosition offered) {
    int timeline = spool.gap().map(WalGap::timeline).orElse(have.timeline());
    Lsn from = spool.gap().map(WalGap::from).orElse(have.lsn());
    var gap = new WalGap(timeline, from, offered.lsn());
    spool.gap(Optional.of(gap));
    state.gap(
        "WAL from "
            + gap
            + " is missing for good: the server has removed it. No moment in it can be restored,"
            + " and nothing behind it until a new full backup was taken.");
    return offered;
  }

  /** How far the repository goes, for a host whose spool is empty. */
  private Optional<WalPosition> archived(WalPosition offered, int segmentBytes) {
    var inventory = destination.archive(spool.systemIdentifier().orElseThrow()).list();
    var coverage = WalCoverage.of(inventory.pieces(), segmentBytes);
    Optional<WalPosition> end =
        coverage
            .rangeAt(offered)
            .map(range -> new WalPosition(offered.timeline(), range.to()))
            .or(() -> coverage.end().filter(at -> at.lsn().isBefore(offered.lsn())));
    return end.map(at -> new WalPosition(at.timeline(), at.lsn().segmentStart(segmentBytes)));
  }
}
