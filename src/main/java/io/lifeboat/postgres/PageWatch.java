package io.lifeboat.postgres;

import java.util.Arrays;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.stream.LongStream;

/**
 * Looks at the pages of a base backup, if the server gives them checksums.
 *
 * @param layout empty if it does not, or if its byte order is not ours
 */
record PageWatch(Optional<PageLayout> layout, PageSuspects suspects) {
  /** The check of a file as it goes by; empty if it holds no pages. */
  Optional<PageCheck> of(BaseBackupPath path) {
    return of(path, LongStream.iterate(0, block -> block + 1).iterator());
  }

  /** The check of these blocks of a file, which are counted from its beginning. */
  Optional<PageCheck> of(BaseBackupPath path, int[] blocks) {
    return of(path, Arrays.stream(blocks).asLongStream().iterator());
  }

  private Optional<PageCheck> of(BaseBackupPath path, PrimitiveIterator.OfLong blocks) {
    return layout.flatMap(known ->
        RelationFile.of(path)
            .map(file ->
                new PageCheck(
                    file,
                    known,
                    () -> file.segment() * known.segmentPages() + blocks.nextLong(),
                    suspects)));
  }
}
