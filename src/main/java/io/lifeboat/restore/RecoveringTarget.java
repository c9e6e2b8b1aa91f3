package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.ControlFile;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.postgres.RestoredCluster;
import io.lifeboat.postgres.WalRecords;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.BytesAtHand;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.WalStretch.Segment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A cluster's target that gets, besides the snapshot, what a recovery to a point in time needs: the
 * write-ahead log in {@code pg_wal}, read once more on the way to make sure that it leads to the
 * target, and only then {@code recovery.signal} and the settings. What fails there leaves the
 * restore unfinished: no copy starts with less than was asked for.
 */
public final class RecoveringTarget implements RestoreTarget {
  private static final RestorePath DATA = RestorePath.root().child(ClusterTarget.DATA);
  private static final RestorePath WAL = DATA.child(FileName.of("pg_wal"));
  private static final RestorePath AUTO_CONF = DATA.child(FileName.of(RestoredCluster.AUTO_CONF));
  private static final RestorePath CONTROL =
      DATA.child(FileName.of("global")).child(FileName.of("pg_control"));
  private static final RestorePath SIGNAL = DATA.child(FileName.of(RecoverySettings.SIGNAL));
  private static final RestorePath STANDBY =
      DATA.child(FileName.of(RecoverySettings.STANDBY_SIGNAL));
  private static final int FILE_MODE = 0600;

  private final RestoreTarget target;
  private final RecoveryPlan plan;
  private final Map<String, Integer> sourceFloors;
  private final Progress progress;
  private final Set<RestorePath> replaced = new HashSet<>(Set.of(AUTO_CONF, SIGNAL, STANDBY));
  private final Map<RestorePath, Kept> kept = new ConcurrentHashMap<>();
  private Optional<RecoverySettings> settings = Optional.empty();

  /** A file of the snapshot whose contents are needed. */
  private record Kept(Node.RegularFile node, ByteArrayOutputStream bytes) {}

  /**
   * A cluster that recovers.
   *
   * @param target takes the snapshot's tree
   * @param sourceFloors limits that the source had, by setting
   */
  public RecoveringTarget(
      RestoreTarget target,
      RecoveryPlan plan,
      Map<String, Integer> sourceFloors,
      Progress progress) {
    this.target = target;
    this.plan = plan;
    this.sourceFloors = Map.copyOf(sourceFloors);
    this.progress = progress;
    long segmentBytes = plan.wal().stretch().segmentBytes();
    plan.wal()
        .stretch()
        .segments()
        .forEach(segment -> replaced.add(WAL.child(FileName.of(segment.fileName(segmentBytes)))));
    plan.wal().histories().keySet().forEach(timeline -> replaced.add(history(timeline)));
  }

  private static RestorePath history(int timeline) {
    return WAL.child(FileName.of(String.format(Locale.ROOT, "%08X.history", timeline)));
  }

  /** The recovery's settings; there are some once this was committed. */
  public RecoverySettings settings() {
    return settings.orElseThrow();
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    target.directory(path, attributes);
  }

  @Override
  public void entries(RestorePath path, FolderEntries entries) {
    var names = new HashSet<>(entries.names());
    replaced.stream()
        .filter(file -> path.equals(file.parent()))
        .forEach(file -> names.add(file.name()));
    if (path.equals(DATA)) {
      names.remove(STANDBY.name());
    }
    target.entries(
        path, new FolderEntries(entries.source(), names, entries.whole(), entries.selection()));
  }

  @Override
  public boolean holds(RestorePath path, Node.RegularFile node) {
    return !isOurs(path) && target.holds(path, node);
  }

  @Override
  public boolean keep(RestorePath path, Node.RegularFile node) {
    return target.keep(path, node);
  }

  @Override
  public BytesAtHand existing(RestorePath path) {
    return isOurs(path) ? BytesAtHand.none() : target.existing(path);
  }

  @Override
  public boolean hasHardLinks() {
    return target.hasHardLinks();
  }

  @Override
  public boolean takesFilesTogether() {
    return target.takesFilesTogether();
  }

  @Override
  public long deleted() {
    return target.deleted();
  }

  private boolean isOurs(RestorePath path) {
    return path.equals(CONTROL) || replaced.contains(path);
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    if (!isOurs(path)) {
      return target.file(path, node);
    }
    var copy = new Kept(node, new ByteArrayOutputStream());
    if (path.equals(CONTROL) || path.equals(AUTO_CONF)) {
      kept.put(path, copy);
    }
    return new KeepingWriter(
        copy.bytes(),
        path.equals(CONTROL) || path.equals(AUTO_CONF),
        path.equals(CONTROL) ? Optional.of(target.file(path, node)) : Optional.empty());
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    return target.hardLink(path, existing);
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    target.symlink(path, node);
  }

  @Override
  public void commit() {
    Kept control = kept.get(CONTROL);
    if (control == null) {
      throw new PermanentException(
          ErrorCode.MANIFEST_MISMATCH,
          "The snapshot has no global/pg_control",
          "Restore another snapshot.");
    }
    Attributes like = control.node().attributes();
    progress.phase("wal");
    var floors = new HashMap<>(sourceFloors);
    join(floors, ControlFile.parse(control.bytes().toByteArray()).floors());
    plan.wal().histories().forEach((timeline, bytes) -> write(history(timeline), bytes, like));
    join(floors, log(like));
    var all = new RecoverySettings(plan.end(), plan.timelineSetting(), floors);
    Kept before = kept.get(AUTO_CONF);
    String text = before == null ? "" : before.bytes().toString(StandardCharsets.UTF_8);
    write(AUTO_CONF, all.autoConf(text).getBytes(StandardCharsets.UTF_8), like);
    write(SIGNAL, new byte[0], like);
    settings = Optional.of(all);
    target.commit();
  }

  private static void join(Map<String, Integer> floors, Map<String, Integer> others) {
    others.forEach((name, value) -> floors.merge(name, value, Math::max));
  }

  /** Writes the segments; answers the limits that the server had on the way. */
  private Map<String, Integer> log(Attributes like) {
    var search = new TargetSearch(plan.target(), plan.consistentAt());
    WalStretch stretch = plan.wal().stretch();
    var records = new WalRecords(stretch.segmentBytes(), search::see);
    progress.expect(stretch.segments().size() * stretch.segmentBytes());
    List<WalStretch.Slice> slices =
        stretch.segments().stream().flatMap(segment -> segment.slices().stream()).toList();
    try (var pieces = new WalPrefetch(plan.wal().archive(), slices)) {
      for (Segment segment : stretch.segments()) {
        segment(segment, pieces, records, like);
      }
    }
    boolean arrived =
        plan.toTheEnd()
            ? records.state() != WalRecords.State.BROKEN
            : stretch.isEmpty() || search.found().isPresent();
    if (!arrived) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The write-ahead log that was put together is sound up to "
              + records.next()
              + " only, which is before "
              + plan.target(),
          "Restore to an earlier point; `lifeboat verify` says whether the repository is sound.");
    }
    return search.floors();
  }

  private void segment(Segment segment, WalPrefetch pieces, WalRecords records, Attributes like) {
    WalStretch stretch = plan.wal().stretch();
    RestorePath path = WAL.child(FileName.of(segment.fileName(stretch.segmentBytes())));
    try (FileWriter file = target.file(path, node(path, stretch.segmentBytes(), like))) {
      for (WalStretch.Slice slice : segment.slices()) {
        progress.checkCancelled();
        WalPrefetch.Fetched fetched = pieces.next().orElseThrow();
        byte[] bytes = fetched.content().bytes();
        records.add(
            new Lsn(stretch.start(segment).position() + slice.from()),
            bytes,
            fetched.offset(),
            fetched.length());
        file.write(ByteBuffer.wrap(bytes, fetched.offset(), fetched.length()));
        progress.advance(fetched.length(), 0);
      }
      if (segment.reach() < stretch.segmentBytes()) {
        file.hole(stretch.segmentBytes() - segment.reach());
      }
      file.complete();
    }
    progress.advance(0, 1);
  }

  private void write(RestorePath path, byte[] bytes, Attributes like) {
    try (FileWriter file = target.file(path, node(path, bytes.length, like))) {
      file.write(ByteBuffer.wrap(bytes));
      file.complete();
    }
  }

  private static Node.RegularFile node(RestorePath path, long size, Attributes like) {
    return new Node.RegularFile(
        path.name(),
        new Attributes(
            FILE_MODE, like.uid(), like.gid(), like.user(), like.group(), like.modifiedAt()),
        new Content.Inline(size, List.of()),
        Optional.empty(),
        0);
  }

  @Override
  public void close() {
    target.close();
  }

  /** Keeps a copy of what it writes, or nothing of what is replaced. */
  private record KeepingWriter(
      ByteArrayOutputStream copy, boolean keeps, Optional<FileWriter> writer)
      implements FileWriter {
    @Override
    public void write(ByteBuffer bytes) {
      if (keeps) {
        byte[] taken = new byte[bytes.remaining()];
        bytes.duplicate().get(taken);
        copy.writeBytes(taken);
      }
      writer.ifPresent(to -> to.write(bytes));
    }

    @Override
    public void hole(long lengthBytes) {
      if (keeps) {
        copy.writeBytes(new byte[Math.toIntExact(lengthBytes)]);
      }
      writer.ifPresent(to -> to.hole(lengthBytes));
    }

    @Override
    public void complete() {
      writer.ifPresent(FileWriter::complete);
    }

    @Override
    public void close() {
      writer.ifPresent(FileWriter::close);
    }
  }
}
