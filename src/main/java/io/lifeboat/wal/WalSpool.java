package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.repository.FolderLock;
import io.lifeboat.repository.WalTimes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WAL on its way, in a folder of its own: received by one thread, stored by others. What its extent
 * calls flushed is there after any crash. A file goes once all of its segment is stored.
 *
 * <pre>
 * state                                  what is there, and how much of it is stored
 * &lt;run&gt;-&lt;timeline&gt;-&lt;segment&gt;             bytes at their offsets in the segment
 * &lt;timeline&gt;.history                     where a timeline branched off; stays
 * pushed                                 what the newest segments held that were pushed
 * lock                                   held by the process that uses the folder
 * </pre>
 *
 * Thread-safe; but {@link #write} and {@link #sync} are for one thread.
 */
final class WalSpool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WalSpool.class);
  private static final String STATE = "state";
  private static final String HISTORY = ".history";
  private static final Pattern SEGMENT =
      Pattern.compile("([0-9a-f]{8})-[0-9a-f]{8}-([0-9a-f]{16})");
  private static final long PART_BYTES = 4 << 20;
  private static final Duration LONGEST_PART_WAIT = Duration.ofSeconds(1);
  private static final Duration REST = Duration.ofSeconds(2);
  private static final Duration SETTLED_EACH = Duration.ofSeconds(1);

  private final FolderLock lock;
  private final SpoolFiles files;
  private final Clock clock;
  private final Duration flushInterval;
  private final List<SpoolRun> runs = new ArrayList<>();
  private final Set<Integer> historiesToStore = new HashSet<>();
  private final Set<Integer> historiesOnTheirWay = new HashSet<>();
  private final RecoveryClock recovery = new RecoveryClock();
  private final Object recording = new Object();
  private Optional<String> systemIdentifier = Optional.empty();
  private int segmentBytes;
  private int nextNumber = 1;
  private Optional<WalGap> gap = Optional.empty();
  private boolean hurried;
  private boolean unsettled;
  private long settledNanos = System.nanoTime();

  private WalSpool(FolderLock lock, SpoolFiles files, Duration flushInterval, Clock clock) {
    this.lock = lock;
    this.files = files;
    this.flushInterval = flushInterval;
    this.clock = clock;
  }

  /**
   * Opens a spool, which is made if absent.
   *
   * @param flushInterval how long bytes wait at most before they are to be stored
   * @throws PermanentException with code {@code SOURCE_BUSY} if another process has it, {@code
   *     IO_FAILED} or {@code DISK_FULL}
   */
  static WalSpool open(Path folder, Duration flushInterval, Clock clock) {
    SpoolFiles files = SpoolFiles.in(folder);
    FolderLock lock =
        FolderLock.tryLock(folder)
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.SOURCE_BUSY,
                    "Another process streams WAL into " + folder,
                    "Stop it, or give this one a work folder of its own."));
    try {
      var spool = new WalSpool(lock, files, flushInterval, clock);
      spool.load();
      return spool;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private synchronized void load() {
    Set<String> names = files.names();
    names.stream()
        .filter(name -> name.endsWith(HISTORY))
        .map(name -> HexFormat.fromHexDigits(name, 0, name.length() - HISTORY.length()))
        .forEach(historiesToStore::add);
    OptionalLong size = files.size(STATE);
    if (size.isPresent()) {
      SpoolState state = SpoolState.parse(files.read(STATE, 0, Math.toIntExact(size.getAsLong())));
      systemIdentifier = Optional.of(state.systemIdentifier());
      segmentBytes = state.segmentBytes();
      gap = state.gap();
      state.runs().forEach(run -> runs.add(revive(run, names)));
      nextNumber = runs.stream().mapToInt(run -> run.number + 1).max().orElse(1);
    }
    Set<String> ours =
        runs.stream().map(run -> run.fileName(0).substring(0, 8)).collect(Collectors.toSet());
    names.stream()
        .filter(name -> SEGMENT.matcher(name).matches() && !ours.contains(name.substring(0, 8)))
        .forEach(files::remove);
  }

  /** Takes up a run of an earlier process, as far as its files are there. */
  private SpoolRun revive(SpoolState.Run run, Set<String> names) {
    long durableSegment = run.durable().segment(segmentBytes);
    String number = HexFormat.of().toHexDigits(run.number());
    long first =
        names.stream()
            .map(SEGMENT::matcher)
            .filter(name -> name.matches() && name.group(1).equals(number))
            .map(name -> HexFormat.fromHexDigitsToLong(name.group(2)))
            .min(Comparator.naturalOrder())
            .filter(segment -> segment < durableSegment)
            .orElse(durableSegment);
    var whole = new SpoolRun(run, segmentBytes, first);
    Lsn there = run.durable();
    while (there.isBefore(run.synced())) {
      Lsn start = there.segmentStart(segmentBytes);
      Lsn end = Lsn.min(start.plus(segmentBytes), run.synced());
      OptionalLong size = files.size(whole.fileName(start.segment(segmentBytes)));
      if (size.isEmpty() || size.getAsLong() < end.minus(start)) {
        LOG.error(
            "event=wal-spool-incomplete run={} there={} expected={} message=files of the spool were"
                + " removed or cut",
            run.number(),
            there,
            run.synced());
        return new SpoolRun(
            new SpoolState.Run(
                run.number(),
                run.timeline(),
                run.from(),
                there,
                run.durable(),
                run.ended(),
                run.times()),
            segmentBytes,
            first);
      }
      there = end;
    }
    return whole;
  }

  /**
   * Says which cluster's WAL this is.
   *
   * @throws PermanentException with code {@code WAL_STREAM_FAILED} if another one's is here
   */
  synchronized void claim(String cluster, int segmentSizeBytes) {
    if (systemIdentifier.isPresent()
        && (!systemIdentifier.get().equals(cluster) || segmentBytes != segmentSizeBytes)) {
      throw new PermanentException(
          ErrorCode.WAL_STREAM_FAILED,
          "The server is another cluster: its system identifier is "
              + cluster
              + " with segments of "
              + segmentSizeBytes
              + " bytes, the spool holds WAL of "
              + systemIdentifier.get()
              + " with segments of "
              + segmentBytes,
          "Check the source's url. If the cluster was made anew, configure it as a new source; WAL"
              + " of two clusters is never mixed.");
    }
    systemIdentifier = Optional.of(cluster);
    segmentBytes = segmentSizeBytes;
  }

  /** The cluster's {@code wal_segment_size}, once it was claimed. */
  synchronized int segmentBytes() {
    return segmentBytes;
  }

  /** Whose WAL this is, once that is known. */
  synchronized Optional<String> systemIdentifier() {
    return systemIdentifier;
  }

  /** Up to where WAL is on the disk; empty if none was ever here. */
  synchronized Optional<WalPosition> position() {
    return last().map(run -> new WalPosition(run.timeline, run.synced()));
  }

  private Optional<SpoolRun> last() {
    return runs.isEmpty() ? Optional.empty() : Optional.of(runs.getLast());
  }

  /** Whether what comes next at this position can be written without a new beginning. */
  synchronized boolean goesOnAt(WalPosition position) {
    return last().filter(run -> !run.isEnded()).isPresent()
        && position().equals(Optional.of(position));
  }

  /**
   * WAL will come from here on: where the newest ends, or elsewhere.
   *
   * @param begin at the beginning of a segment, or where the newest ends
   */
  synchronized void begin(WalPosition begin) {
    Optional<SpoolRun> last = last();
    last.ifPresent(SpoolRun::rewind);
    files.forget();
    if (goesOnAt(begin)) {
      return;
    }
    if (begin.lsn().offset(segmentBytes) != 0) {
      throw new IllegalArgumentException("Not the beginning of a segment: " + begin);
    }
    last.ifPresent(SpoolRun::end);
    recovery.restart();
    runs.add(new SpoolRun(nextNumber++, begin, segmentBytes, clock.instant()));
    notifyAll();
  }

  /** The newest timeline that is here has no more. */
  synchronized void endTimeline(int timeline) {
    last().filter(run -> run.timeline == timeline).ifPresent(SpoolRun::end);
    notifyAll();
  }

  /** Writes where the newest ends; not for sure until {@link #sync}. */
  void write(byte[] bytes, WalTimes times) {
    SpoolRun run;
    Lsn at;
    synchronized (this) {
      run = runs.getLast();
      at = run.received();
    }
    int done = 0;
    while (done < bytes.length) {
      Lsn position = at.plus(done);
      long offset = position.offset(segmentBytes);
      int length = (int) Math.min(bytes.length - done, segmentBytes - offset);
      files.write(run.fileName(position.segment(segmentBytes)), offset, bytes, done, length);
      done += length;
    }
    synchronized (this) {
      run.received(bytes.length, times);
    }
  }

  /** All that was written is on the disk, and known to be there, when this returns. */
  void sync() {
    Optional<SpoolRun> last;
    Lsn upTo;
    synchronized (this) {
      last = last();
      if (last.isEmpty()) {
        return;
      }
      upTo = last.get().received();
    }
    files.force();
    synchronized (this) {
      last.get().synced(upTo);
      notifyAll();
    }
    settle();
  }

  /** Records what is there, then removes what is not needed any more. */
  void settle() {
    synchronized (recording) {
      SpoolState state;
      List<String> removable = new ArrayList<>();
      synchronized (this) {
        if (systemIdentifier.isEmpty()) {
          return;
        }
        for (SpoolRun run : List.copyOf(runs)) {
          removable.addAll(run.takeStoredFiles());
          if (run.isDone() && run != runs.getLast()) {
            removable.addAll(run.remainingFiles());
            runs.remove(run);
          }
        }
        state =
            new SpoolState(
                systemIdentifier.get(),
                segmentBytes,
                gap,
                runs.stream().map(SpoolRun::state).toList());
        unsettled = false;
        settledNanos = System.nanoTime();
      }
      files.replace(STATE, state.toBytes());
      synchronized (this) {
        for (SpoolState.Run recorded : state.runs()) {
          runs.stream()
              .filter(run -> run.number == recorded.number())
              .forEach(run -> run.recorded(recorded.synced()));
        }
      }
      removable.forEach(files::remove);
    }
  }

  private synchronized boolean settlingIsDue() {
    return unsettled && System.nanoTime() - settledNanos > SETTLED_EACH.toNanos();
  }

  /** Gives up what was written and is not on the disk for sure. */
  synchronized void rewind() {
    last().ifPresent(SpoolRun::rewind);
    files.forget();
  }

  /** What is known of the time of the newest that is on the disk. */
  synchronized Optional<WalTimes> times() {
    return last().map(run -> run.state().times());
  }

  /**
   * What is here of a stretch that ends where a segment does, or before; empty if it is not all
   * here, or not any more.
   */
  Optional<byte[]> held(WalPosition from, int lengthBytes) {
    Optional<String> name;
    int offset;
    synchronized (this) {
      offset = Math.toIntExact(from.lsn().offset(segmentBytes));
      long segment = from.lsn().segment(segmentBytes);
      name =
          runs.stream()
              .filter(run -> run.timeline == from.timeline())
              .filter(run -> !run.synced().isBefore(from.lsn().plus(lengthBytes)))
              .map(run -> run.fileName(segment))
              .filter(file -> files.size(file).orElse(0) >= offset + lengthBytes)
              .findFirst();
    }
    try {
      return name.map(file -> files.read(file, offset, lengthBytes));
    } catch (PermanentException e) {
      // Stored and removed just now.
      LOG.debug("event=wal-spool-not-read from={} because={}", from, e.toString());
      return Optional.empty();
    }
  }

  /** Waits until all that is here of a timeline up to there is stored, or so long. */
  synchronized boolean awaitStored(WalPosition end, Duration most) throws InterruptedException {
    return await(
        () ->
            runs.stream()
                .filter(run -> run.timeline == end.timeline())
                .noneMatch(run -> run.waitsFor(end.lsn())),
        most);
  }

  /** Waits until the history of a timeline is stored, or so long. */
  synchronized boolean awaitHistory(int timeline, Duration most) throws InterruptedException {
    return await(() -> !historiesToStore.contains(timeline), most);
  }

  private synchronized boolean await(BooleanSupplier condition, Duration most)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return false;
      }
      wait(leftMillis);
    }
    return true;
  }

  /** How much of the newest is in files, on the disk for sure, and stored with all before it. */
  synchronized Optional<Extent> extent() {
    return last()
        .map(run ->
            new Extent(run.timeline, run.received(), run.synced(), run.recorded(), durable()));
  }

  /**
   * How far the newest has come.
   *
   * @param flushed there after any crash
   * @param durable stored, with everything before it
   */
  record Extent(int timeline, Lsn received, Lsn synced, Lsn flushed, Lsn durable) {}

  private Lsn durable() {
    Lsn durable = runs.getLast().durable();
    for (SpoolRun run : runs) {
      if (run.unshippedBytes() > 0) {
        durable = Lsn.min(durable, run.durable());
      }
    }
    return durable;
  }

  /** What was received and is not stored. */
  synchronized long unshippedBytes() {
    return runs.stream().mapToLong(SpoolRun::unshippedBytes).sum();
  }

  /** Keeps the history of a timeline; it is stored before anything of that timeline. */
  void putHistory(int timeline, byte[] history) {
    String name = HexFormat.of().toHexDigits(timeline) + HISTORY;
    if (files.size(name).isPresent()) {
      return;
    }
    files.replace(name, history);
    synchronized (this) {
      historiesToStore.add(timeline);
      notifyAll();
    }
  }

  /** The history of a timeline, if it came here. */
  Optional<TimelineHistory> history(int timeline) {
    String name = HexFormat.of().toHexDigits(timeline) + HISTORY;
    return files.size(name).isEmpty()
        ? Optional.empty()
        : Optional.of(TimelineHistory.parse(timeline, historyBytes(timeline)));
  }

  byte[] historyBytes(int timeline) {
    String name = HexFormat.of().toHexDigits(timeline) + HISTORY;
    return files.read(name, 0, Math.toIntExact(files.size(name).orElse(0)));
  }

  byte[] read(Shipment.Piece piece) {
    String name;
    synchronized (this) {
      name = run(piece.run()).fileName(piece.piece().segment());
    }
    return files.read(name, piece.piece().from(), piece.piece().lengthBytes());
  }

  private SpoolRun run(int number) {
    return runs.stream().filter(run -> run.number == number).findFirst().orElseThrow();
  }

  /**
   * Waits until something is to be stored. Who gets it tries until it can say {@link #stored}.
   *
   * @return empty if nothing is within {@code most}
   */
  Optional<Shipment> take(Duration most) throws InterruptedException {
    if (settlingIsDue()) {
      settle();
    }
    long deadlineNanos = System.nanoTime() + most.toNanos();
    synchronized (this) {
      while (true) {
        Optional<Shipment> next = next();
        long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
        if (next.isPresent() || leftMillis <= 0) {
          return next;
        }
        wait(leftMillis);
      }
    }
  }

  private Optional<Shipment> next() {
    for (int timeline : historiesToStore) {
      if (historiesOnTheirWay.add(timeline)) {
        return Optional.of(new Shipment.History(timeline));
      }
    }
    for (SpoolRun run : runs) {
      if (historiesToStore.contains(run.timeline)) {
        continue;
      }
      Optional<Shipment.Piece> piece = run.take(this::isRipe);
      if (piece.isPresent()) {
        return Optional.of(piece.get());
      }
    }
    hurried = false;
    return Optional.empty();
  }

  /**
   * A segment that fills within a second is stored only as a whole. Of a server that came to rest
   * nothing more is to be expected: its last bytes wait half as long.
   */
  private boolean isRipe(long bytes, long ageNanos, long silenceNanos) {
    long flushNanos = flushInterval.toNanos();
    long partNanos = Math.min(LONGEST_PART_WAIT.toNanos(), flushNanos);
    long restNanos = Math.min(REST.toNanos(), flushNanos / 2);
    return hurried
        || ageNanos >= flushNanos
        || (ageNanos >= flushNanos / 2 && silenceNanos >= restNanos)
        || (bytes >= PART_BYTES && ageNanos >= partNanos);
  }

  /** What is here is to be stored at once. */
  synchronized void hurry() {
    hurried = true;
    notifyAll();
  }

  synchronized void stored(Shipment shipment) {
    switch (shipment) {
      case Shipment.History history -> {
        historiesToStore.remove(history.timeline());
        historiesOnTheirWay.remove(history.timeline());
      }
      case Shipment.Piece piece -> {
        run(piece.run()).stored(piece);
        recovery.durable(durable());
      }
    }
    unsettled = true;
    notifyAll();
  }

  /** The server's log ended here at this time, by its clock. */
  synchronized void observe(Lsn end, Instant serverTime) {
    if (!runs.isEmpty()) {
      runs.getLast().completeAt(end, serverTime);
      recovery.observe(end, serverTime, clock.instant());
      recovery.durable(durable());
    }
  }

  synchronized Optional<WalStatus.RecoveryPoint> recoveryPoint() {
    return recovery.point();
  }

  /** Waits until less than this is unshipped, or so long. */
  synchronized boolean awaitRoom(long bytes, Duration most) throws InterruptedException {
    return await(() -> unshippedBytes() < bytes, most);
  }

  /** WAL that is missing, until a backup was taken behind it. */
  synchronized Optional<WalGap> gap() {
    return gap;
  }

  /** Remembers that WAL is missing. */
  void gap(Optional<WalGap> missing) {
    synchronized (this) {
      gap = missing;
    }
    settle();
  }

  @Override
  public void close() {
    synchronized (recording) {
      files.forget();
      files.close();
      lock.close();
    }
  }
}
