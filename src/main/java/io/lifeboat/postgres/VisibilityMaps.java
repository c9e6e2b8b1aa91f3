package io.lifeboat.postgres;

import io.lifeboat.repository.Attributes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Visibility maps in an incremental backup. A server that changes a row takes a page's bits out of
 * the map without saying in WAL which block of the map that changes, so the summaries lack it (up
 * to minor releases of 2026), and the map put together of parent and blocks calls pages all-visible
 * that are not: index-only scans then see rows that were deleted. So what was not sent of a map is
 * taken from the parent only where no page that it tells of has changed; elsewhere it becomes
 * zeros, which are always right and which the next VACUUM fills.
 *
 * <p>Whether a page has changed is known once all of its relation has come, so maps are held until
 * the end: what was sent of them, which is at most a 32,000th of the data. For one thread.
 *
 * @see <a
 *     href="https://www.postgresql.org/message-id/CAAKRu_YAvPWTuEotqN_yHnM0To3igVK_eWh_mRn12odr_20azg@mail.gmail.com">Why
 *     clearing the VM doesn't require registering vm buffer in wal record</a>
 */
final class VisibilityMaps {
  private static final int PAGE_HEADER_BYTES = 24;
  private static final int PAGES_IN_BYTE = 4;

  private final PageLayout layout;
  private final Map<Relation, BitSet> doubtful = new HashMap<>();
  private final List<Held> held = new ArrayList<>();

  VisibilityMaps(PageLayout layout) {
    this.layout = layout;
  }

  private record Relation(long tablespaceOid, long databaseOid, long fileNode) {
    static Relation of(RelationFile file) {
      return new Relation(file.tablespaceOid(), file.databaseOid(), file.fileNode());
    }
  }

  private record Held(
      BaseBackupPath path, Attributes attributes, IncrementalFile file, byte[] blocks) {}

  /** Takes note of a file that came whole. */
  void whole(BaseBackupPath path, long sizeBytes) {
    int pages = (int) Math.min(sizeBytes / layout.pageBytes(), layout.segmentPages());
    Optional<RelationFile> file = RelationFile.of(path).filter(one -> one.fork().isEmpty());
    if (file.isPresent() && pages > 0) {
      doubtful(file.get()).set(block(file.get(), 0), block(file.get(), pages - 1) + 1);
    }
  }

  /**
   * Takes note of a file of which blocks came.
   *
   * @return whether it is a map that is handed over later; its content was read then
   */
  boolean holds(
      BaseBackupPath path, Attributes attributes, IncrementalFile file, InputStream content)
      throws IOException {
    RelationFile relation = RelationFile.of(path).orElseThrow();
    if (relation.fork().isEmpty()) {
      BitSet blocks = doubtful(relation);
      for (int page : file.blocks()) {
        blocks.set(block(relation, page));
      }
    }
    if (!relation.fork().equals("vm")) {
      return false;
    }
    held.add(new Held(path, attributes, file, content.readAllBytes()));
    return true;
  }

  private BitSet doubtful(RelationFile file) {
    return doubtful.computeIfAbsent(Relation.of(file), relation -> new BitSet());
  }

  /** The map's block that tells of a page. */
  private int block(RelationFile file, int page) {
    long perBlock = (long) (layout.pageBytes() - PAGE_HEADER_BYTES) * PAGES_IN_BYTE;
    return (int) ((file.segment() * layout.segmentPages() + page) / perBlock);
  }

  /** Hands over all maps, once everything else has come. */
  void deliver(BaseBackupConsumer consumer) throws IOException {
    for (Held map : held) {
      RelationFile relation = RelationFile.of(map.path()).orElseThrow();
      BitSet stale = doubtful.getOrDefault(Relation.of(relation), new BitSet());
      Patched patched = patched(map, relation, stale);
      consumer.changed(
          map.path(), map.attributes(), patched.file(), new ByteArrayInputStream(patched.blocks()));
    }
  }

  private record Patched(IncrementalFile file, byte[] blocks) {}

  /** Adds zeros for the doubtful blocks that were not sent. */
  private Patched patched(Held map, RelationFile relation, BitSet stale) {
    IncrementalFile file = map.file();
    long first = relation.segment() * layout.segmentPages();
    var numbers = new BitSet();
    stale.stream()
        .filter(block -> block >= first && block - first < file.keptBlocks())
        .forEach(block -> numbers.set((int) (block - first)));
    Arrays.stream(file.blocks()).forEach(numbers::set);
    int[] blocks = numbers.stream().toArray();
    byte[] bytes = new byte[blocks.length * file.blockBytes()];
    for (int sent = 0; sent < file.blocks().length; sent++) {
      System.arraycopy(
          map.blocks(),
          sent * file.blockBytes(),
          bytes,
          Arrays.binarySearch(blocks, file.blocks()[sent]) * file.blockBytes(),
          file.blockBytes());
    }
    return new Patched(new IncrementalFile(blocks, file.keptBlocks(), file.blockBytes()), bytes);
  }
}
