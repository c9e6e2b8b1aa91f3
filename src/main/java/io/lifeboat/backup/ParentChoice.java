package io.lifeboat.backup;

import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCheck;
import io.lifeboat.repository.SnapshotWriter;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Decides whether a backup of a cluster may be taken against the last one. What an incremental one
 * would read is known to nobody before it is read; so the rule for what pays looks back: once the
 * incremental ones have read as much as a full one does, a full one is due. That never costs more
 * than twice of what the better choice would have.
 */
final class ParentChoice {
  /**
   * A full backup looks at every page and has the hash of every file; an incremental one of what it
   * read. So there is a full one each month even where backups are nightly.
   */
  static final int MOST_INCREMENTALS = 30;

  /**
   * A full backup has an extent for 32 pages. From so many for as much on, that is one for four
   * pages on average, a restore jumps between chunks more than it reads, and old chunks are kept
   * for a page or two.
   */
  static final int MOST_EXTENTS = 8;

  private static final long EXTENT_OF_FULL_BYTES = 256 << 10;

  private final ClusterFacts facts;
  private final Predicate<String> isListed;
  private final SnapshotWriter writer;

  /**
   * A choice for a cluster.
   *
   * @param facts of it, now
   * @param isListed whether the catalog has a snapshot
   */
  ParentChoice(ClusterFacts facts, Predicate<String> isListed, SnapshotWriter writer) {
    this.facts = facts;
    this.isListed = isListed;
    this.writer = writer;
  }

  /**
   * The parent.
   *
   * @param candidate what this host remembers
   * @param event hears why it is not to be, where somebody could want to know
   */
  Optional<KeptParent> choose(Optional<KeptParent> candidate, Consumer<String> event) {
    if (facts.server().major() < PostgresServer.SUMMARIZING_MAJOR) {
      return Optional.empty();
    }
    Optional<String> obstacle =
        summaries()
            .or(() ->
                candidate.isEmpty()
                    ? Optional.of("this host remembers no earlier one of this source")
                    : candidate.flatMap(this::obstacle));
    obstacle.ifPresent(why -> event.accept("A full backup is taken: " + why));
    return candidate.filter(known -> obstacle.isEmpty());
  }

  private Optional<String> summaries() {
    return "on".equals(facts.settings().get("summarize_wal"))
        ? Optional.empty()
        : Optional.of(
            "summarize_wal is off, so the server cannot tell what has changed. To have only that"
                + " read, run as a superuser: "
                + SourceCheck.SUMMARIZE_WAL);
  }

  private Optional<String> obstacle(KeptParent parent) {
    KeptParent.About about = parent.about();
    String snapshot = "snapshot " + about.snapshot();
    if (!about.systemIdentifier().equals(facts.server().systemIdentifier())) {
      return Optional.of(snapshot + " is of another cluster");
    }
    if (about.haveChecksums() != haveChecksums(facts)) {
      return Optional.of("checksums of pages were turned on or off after " + snapshot);
    }
    if (about.incrementals() >= MOST_INCREMENTALS) {
      return Optional.of("the last " + about.incrementals() + " were incremental");
    }
    if (about.bytesSinceFull() >= about.sizeBytes()) {
      return Optional.of(
          "the incremental ones since the last full one have read as much as that: "
              + about.bytesSinceFull()
              + " bytes");
    }
    if (about.extents() > mostExtents(about.sizeBytes(), parent.files().size())) {
      return Optional.of(snapshot + " consists of too many small pieces: " + about.extents());
    }
    if (!isListed.test(about.snapshot())) {
      return Optional.of(snapshot + ", which it could have been taken against, was forgotten");
    }
    return parent.contents().allMatch(known -> writer.knows(known.content()))
        ? Optional.empty()
        : Optional.of("not all that " + snapshot + " consists of is known to be stored");
  }

  /** Up to how many extents a cluster may consist of. */
  static long mostExtents(long sizeBytes, long files) {
    return MOST_EXTENTS * (sizeBytes / EXTENT_OF_FULL_BYTES + files);
  }

  /** Whether the cluster gives its pages checksums. */
  static boolean haveChecksums(ClusterFacts facts) {
    return "on".equals(facts.settings().get("data_checksums"));
  }
}
