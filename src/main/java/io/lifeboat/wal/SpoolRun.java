package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.repository.WalTimes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A stretch of one timeline without a gap, which begins with a segment: how much of it was
 * received, is on the disk, and is stored. It is stored in blocks (a segment, or its aligned parts
 * of 16 MiB); of the block that is not complete yet, in parts that follow each other. A block is
 * stored as a whole even if its parts are: then the parts can be done away with. Guarded by its
 * spool.
 *
 * <pre>
 * from ≤ durable ≤ recorded ≤ synced ≤ received
 * </pre>
 */
final class SpoolRun {
  final int number;
  final int timeline;
  private final Lsn from;
  private final int segmentBytes;
  private final int blockBytes;
  private final TreeMap<Lsn, WalTimes> times = new TreeMap<>();
  private final TreeMap<Lsn, Lsn> storedAhead = new TreeMap<>();
  private final TreeSet<Long> storedBlocks = new TreeSet<>();
  private Lsn received;
  private Lsn synced;
  private Lsn recorded;
  private Lsn durable;
  private boolean ended;
  private long nextBlock;
  private long firstSegment;
  private Lsn tail;
  private long tailSinceNanos;
  private long newestAtNanos;
  private boolean tailOnItsWay;
  private int blocksOnTheirWay;

  /** One of which nothing was received yet. */
  SpoolRun(int number, WalPosition begin, int segmentBytes, Instant now) {
    this(
        new SpoolState.Run(
            number,
            begin.timeline(),
            begin.lsn(),
            begin.lsn(),
            begin.lsn(),
            false,
            new WalTimes(now, Instant.EPOCH)),
        segmentBytes,
        begin.lsn().segment(segmentBytes));
  }

  /**
   * One that an earlier process received.
   *
   * @param firstSegment the first one whose file is there
   */
  SpoolRun(SpoolState.Run run, int segmentBytes, long firstSegment) {
    this.number = run.number();
    this.timeline = run.timeline();
    this.from = run.from();
    this.segmentBytes = segmentBytes;
    this.blockBytes = Math.min(segmentBytes, WalArchive.MOST_BYTES);
    this.received = run.synced();
    this.synced = run.synced();
    this.recorded = run.synced();
    this.durable = run.durable();
    this.ended = run.ended();
    this.firstSegment = firstSegment;
    this.nextBlock = firstSegment * (segmentBytes / blockBytes);
    this.tail = run.durable();
    this.tailSinceNanos = System.nanoTime();
    this.newestAtNanos = tailSinceNanos;
    this.times.put(run.synced(), run.times());
  }

  SpoolState.Run state() {
    return new SpoolState.Run(number, timeline, from, synced, durable, ended, lastTimes());
  }

  private WalTimes lastTimes() {
    Map.Entry<Lsn, WalTimes> entry = times.floorEntry(synced);
    return entry == null ? times.firstEntry().getValue() : entry.getValue();
  }

  Lsn received() {
    return received;
  }

  Lsn synced() {
    return synced;
  }

  /** What an owner may be told is safe: it is on the disk, and known to be there. */
  Lsn recorded() {
    return recorded;
  }

  Lsn durable() {
    return durable;
  }

  /** Whether something before this position is here, and is not stored. */
  boolean waitsFor(Lsn position) {
    return from.isBefore(position) && durable.isBefore(Lsn.min(position, received));
  }

  boolean isEnded() {
    return ended;
  }

  void end() {
    ended = true;
  }

  long unshippedBytes() {
    return received.minus(durable);
  }

  String fileName(long segment) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(number)
        + "-"
        + hex.toHexDigits(timeline)
        + "-"
        + hex.toHexDigits(segment);
  }

  /** So many more bytes are in the file. */
  void received(int lengthBytes, WalTimes when) {
    Lsn before = received;
    received = received.plus(lengthBytes);
    // Times are kept where pieces may end: at the ends of blocks, and where it was synced.
    if (synced.isBefore(before) && before.offset(blockBytes) != 0) {
      times.remove(before);
    }
    times.put(received, when);
  }

  /** All that was committed by then lies before what was received up to here. */
  void completeAt(Lsn end, Instant when) {
    times.computeIfPresent(
        end,
        (position, known) ->
            when.isAfter(known.completeAt()) ? new WalTimes(known.sentAt(), when) : known);
  }

  void synced(Lsn upTo) {
    long now = System.nanoTime();
    if (synced.isBefore(upTo)) {
      newestAtNanos = now;
      if (!tail.isBefore(synced)) {
        tailSinceNanos = now;
      }
    }
    synced = upTo;
  }

  void recorded(Lsn upTo) {
    recorded = upTo;
  }

  /** What is not on the disk for sure is received again. */
  void rewind() {
    received = synced;
    times.tailMap(synced, false).clear();
  }

  /**
   * What can be stored next; who takes it tries until it can say {@link #stored}.
   *
   * @param ripe decides from the number of bytes and their age in nanoseconds whether a part of a
   *     block is worth an object
   */
  Optional<Shipment.Piece> take(Ripeness ripe) {
    Lsn blockEnd = new Lsn((nextBlock + 1) * blockBytes);
    if (!synced.isBefore(blockEnd)) {
      Lsn start = new Lsn(nextBlock * blockBytes);
      var whole = piece(start, blockEnd, nextBlock);
      nextBlock++;
      blocksOnTheirWay++;
      tailSinceNanos = System.nanoTime();
      return Optional.of(whole);
    }
    Lsn start = Lsn.max(tail, new Lsn(nextBlock * blockBytes));
    long now = System.nanoTime();
    if (tailOnItsWay
        || !start.isBefore(synced)
        || (!ended && !ripe.test(synced.minus(start), now - tailSinceNanos, now - newestAtNanos))) {
      return Optional.empty();
    }
    tailOnItsWay = true;
    tail = synced;
    tailSinceNanos = now;
    return Optional.of(piece(start, synced, -1));
  }

  /** Whether a part of a block is worth an object of its own. */
  @FunctionalInterface
  interface Ripeness {
    /**
     * Asks of the bytes that wait.
     *
     * @param ageNanos of the oldest of them
     * @param silenceNanos since the newest of them came
     */
    boolean test(long bytes, long ageNanos, long silenceNanos);
  }

  private Shipment.Piece piece(Lsn start, Lsn end, long block) {
    int offset = Math.toIntExact(start.offset(segmentBytes));
    int length = Math.toIntExact(end.minus(start));
    var piece = new WalPiece(timeline, start.segment(segmentBytes), offset, offset + length);
    Map.Entry<Lsn, WalTimes> time = times.floorEntry(end);
    WalTimes complete = time == null ? times.firstEntry().getValue() : time.getValue();
    Map.Entry<Lsn, WalTimes> sent = times.ceilingEntry(end);
    WalTimes last = sent == null ? times.lastEntry().getValue() : sent.getValue();
    var when = new WalTimes(last.sentAt(), complete.completeAt());
    return new Shipment.Piece(number, piece, start, when, block);
  }

  /** It is in the repository. */
  void stored(Shipment.Piece piece) {
    if (piece.isWholeBlock()) {
      blocksOnTheirWay--;
      storedBlocks.add(piece.block());
    } else {
      tailOnItsWay = false;
    }
    storedAhead.merge(piece.from(), piece.to(), Lsn::max);
    while (!storedAhead.isEmpty() && !durable.isBefore(storedAhead.firstKey())) {
      durable = Lsn.max(durable, storedAhead.pollFirstEntry().getValue());
    }
    times.headMap(Lsn.min(durable, times.lastKey()), false).clear();
  }

  /** Nothing more will come, and all of it is stored. */
  boolean isDone() {
    return ended
        && !durable.isBefore(synced)
        && blocksOnTheirWay == 0
        && !tailOnItsWay
        && synced.isBefore(new Lsn((nextBlock + 1) * blockBytes));
  }

  /** The files that are not needed any more; each is named once. */
  List<String> takeStoredFiles() {
    var files = new ArrayList<String>();
    long blocks = segmentBytes / blockBytes;
    while (!storedBlocks.isEmpty() && hasWhole(firstSegment, blocks)) {
      storedBlocks.headSet((firstSegment + 1) * blocks).clear();
      files.add(fileName(firstSegment++));
    }
    return files;
  }

  private boolean hasWhole(long segment, long blocks) {
    return storedBlocks.subSet(segment * blocks, (segment + 1) * blocks).size() == blocks;
  }

  /** The files that a run that is done has left. */
  List<String> remainingFiles() {
    var files = new ArrayList<String>();
    for (long segment = firstSegment; segment <= synced.segment(segmentBytes); segment++) {
      files.add(fileName(segment));
    }
    return files;
  }
}
