package io.lifeboat.repository;

import io.lifeboat.progress.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * Mends what can be mended by adding objects: nothing is ever overwritten or removed.
 *
 * <ul>
 *   <li>Index segments that are lost are written anew from the packs' footers; a service key or a
 *       recovery kit serves.
 * </ul>
 */
public final class Repair {
  private final RepositoryContext context;

  Repair(RepositoryContext context) {
    this.context = context;
  }

  /** Reads all packs that snapshots need, mends nothing, and says what of them is hit. */
  public DamageReport report(Progress progress) {
    progress.phase("inspect");
    CommitLog.View view = context.rememberedTip().check(context.log().read());
    DamageReport report = new DamageSearch(context, view).all(progress);
    List<String> problems = new ArrayList<>(view.problems());
    problems.addAll(report.problems());
    return new DamageReport(problems, report.affected());
  }

  /** Mends, or says what it would do. */
  public RepairReport run(boolean dryRun, Progress progress) {
    progress.phase("repair");
    CommitLog.View view = context.rememberedTip().check(context.log().read());
    Genesis.check(view, context.format(), context.formatSha256());
    List<String> done = new ArrayList<>(new IndexRepair(context, view).run(dryRun, progress));
    return new RepairReport(done, view.problems());
  }
}
