package io.lifeboat.app;

import io.lifeboat.repository.CondemnedPacks;
import io.lifeboat.retention.PruneResult;
import io.lifeboat.retention.PruneWork;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What a prune did, or would do, in words: a line for each kind of step, what comes later last. */
final class PruneSentences {
  private PruneSentences() {}

  static List<String> of(PruneResult result) {
    boolean dryRun = result.dryRun();
    PruneWork work = result.work();
    var lines = new ArrayList<String>();
    lines.add(
        (dryRun ? "would now forget " : "forgot ")
            + result.removed().size()
            + " of "
            + result.decisions().size()
            + " snapshots");
    long repacked = work.repacked().originals().packs();
    if (repacked > 0) {
      lines.add(
          (dryRun ? "would now repack " : "repacked ")
              + repacked
              + " packs that are mostly dead, which frees about "
              + Output.size(work.repacked().freedBytes())
              + " when the old ones are deleted");
    }
    lines.add(
        (dryRun ? "would now condemn " : "condemned ")
            + packs(work.condemned().packs(), work.condemned().bytes())
            + (repacked > 0 ? ", the repacked ones among them" : ""));
    lines.add(
        (dryRun ? "would now delete " : "deleted ")
            + packs(work.deleted().packs(), work.deleted().bytes())
            + " whose grace is over");
    if (work.wal().pieces() > 0) {
      lines.add(
          (dryRun ? "would now delete " : "deleted ")
              + work.wal().pieces()
              + " pieces of WAL with "
              + Output.size(work.wal().bytes())
              + " that no snapshot needs");
    }
    later(work.left(), lines);
    long young = work.condemned().young();
    if (young > 0) {
      lines.add(
          "later: "
              + young
              + " packs belong to no snapshot and are left alone for now: a running backup may be"
              + " about to name them");
    }
    result.notes().forEach(note -> lines.add("note: " + note));
    return lines;
  }

  private static void later(CondemnedPacks left, List<String> lines) {
    if (left.waiting().packs() > 0) {
      lines.add(
          "later: "
              + packs(left.waiting().packs(), left.waiting().bytes())
              + " are condemned and within their grace"
              + left.firstDue()
                  .map(first ->
                      "; a prune after "
                          + first.truncatedTo(ChronoUnit.SECONDS)
                          + " deletes the first of them")
                  .orElse(""));
    }
  }

  private static String packs(long packs, long bytes) {
    return packs + " packs with " + Output.size(bytes);
  }
}
