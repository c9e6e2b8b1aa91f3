package io.lifeboat.postgres;

import java.util.Optional;

/**
 * Looks at the pages of a base backup, if the server gives them checksums.
 *
 * @param layout empty if it does not, or if its byte order is not ours
 */
record PageWatch(Optional<PageLayout> layout, PageSuspects suspects) {
  /** The check of a file as it goes by; empty if it holds no pages. */
  Optional<PageCheck> of(BaseBackupPath path) {
    return layout.flatMap(
        known -> RelationFile.of(path).map(file -> new PageCheck(file, known, suspects)));
  }
}
