package io.lifeboat.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pages of a base backup whose checksum does not match. A page may have been read while the server
 * wrote it; then WAL brings all of it back, and nothing is wrong. Only the end of the backup tells
 * them apart:
 *
 * <ul>
 *   <li>A page that claims to have been changed after the end of the backup is damaged: its LSN is
 *       no WAL's.
 *   <li>One that was changed after the backup's start is read from WAL when a copy starts.
 *   <li>One that was not is damaged if the server, which looks twice, found damage too.
 * </ul>
 *
 * <p>For one thread.
 */
final class PageSuspects {
  private static final int MOST = 10_000;
  private static final int MOST_NAMED = 20;

  private final Lsn start;
  private final List<Suspect> suspects = new ArrayList<>();
  private long count;

  /** None yet, of a backup that begins here. */
  PageSuspects(Lsn start) {
    this.start = start;
  }

  /** A page whose checksum does not match. */
  record Suspect(RelationFile file, long block, Lsn lsn) {}

  void add(RelationFile file, long block, Lsn lsn) {
    count++;
    if (suspects.size() < MOST) {
      suspects.add(new Suspect(file, block, lsn));
    }
  }

  /**
   * What is damaged, or empty if nothing is.
   *
   * @param stop where the backup ends
   * @param serverFoundDamage whether the server said so
   */
  Optional<Verdict> judge(Lsn stop, boolean serverFoundDamage) {
    List<Suspect> damaged =
        suspects.stream()
            .filter(suspect ->
                suspect.lsn().compareTo(stop) > 0
                    || serverFoundDamage && suspect.lsn().compareTo(start) < 0)
            .toList();
    if (damaged.isEmpty() && !serverFoundDamage) {
      return Optional.empty();
    }
    long unseen = count - suspects.size();
    return Optional.of(
        new Verdict(
            damaged.size() + unseen, damaged.subList(0, Math.min(MOST_NAMED, damaged.size()))));
  }

  /**
   * The damaged ones.
   *
   * @param pages how many
   * @param some of them
   */
  record Verdict(long pages, List<Suspect> some) {}
}
