package io.lifeboat.repository;

import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Mends what can be mended by adding objects: nothing is ever overwritten or removed.
 *
 * <ul>
 *   <li>Entries of the log that are lost: with a recovery kit, the gaps are filled, and snapshots
 *       whose root records are there are listed again.
 *   <li>Index segments that are lost are written anew from the packs' footers; a service key or a
 *       recovery kit serves.
 * </ul>
 */
public final class Repair {
  private final RepositoryContext context;

  Repair(RepositoryContext context) {
    this.context = context;
  }

  /** Mends, or says what it would do. */
  public RepairReport run(boolean dryRun, Progress progress) {
    return run(dryRun, List.of(), progress);
  }

  /**
   * Mends, or says what it would do.
   *
   * @param voids names of objects in the log that are no entries and to be declared void
   * @throws PermanentException with code {@code RECOVERY_IDENTITY_MISSING} if there are any, and no
   *     kit
   */
  public RepairReport run(boolean dryRun, Collection<String> voids, Progress progress) {
    progress.phase("repair");
    RepositoryContext here = dryRun ? context.in(new DryRunStore(context.store())) : context;
    List<String> done = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    if (!voids.isEmpty()) {
      context.keyring().requireKit();
    }
    if (context.keyring().kit().isPresent()) {
      var log = new LogRepair(here, tips());
      done.addAll(log.run());
      problems.addAll(log.problems());
      var slots = new VoidSlots(here);
      done.addAll(slots.run(voids));
      problems.addAll(slots.problems());
      var roots = new RootSearch(here);
      done.addAll(roots.run(progress));
      problems.addAll(roots.problems());
    }
    CommitLog.View mended = here.log().read();
    CommitLog.View view = dryRun ? mended : context.rememberedTip().check(mended);
    Genesis.check(view, context.format(), context.formatSha256());
    done.addAll(new IndexRepair(here, view).run(progress));
    problems.addAll(view.problems());
    return new RepairReport(done, problems, voidable(view));
  }

  /** What could be declared void, if nobody has an entry that belongs in its place. */
  private static List<String> voidable(CommitLog.View view) {
    return view.refused().stream()
        .filter(refused -> refused.needed().isEmpty())
        .map(refused -> Names.log(refused.n()))
        .toList();
  }

  /**
   * What this node, or whoever holds the kit, knows the log to have ended with. What a writer says
   * of that is a reason to look, and not to fill slots.
   */
  private List<Attestation.Tip> tips() {
    List<String> names;
    try (Stream<ObjectInfo> objects = context.store().list(Names.ATTESTATIONS)) {
      names = objects.map(ObjectInfo::name).toList();
    }
    return Stream.of(context.rememberedTip().read(), Attestations.tipByAdmin(context, names))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Reads all packs that snapshots need, mends nothing, and says what of them is hit. */
  public DamageReport report(Progress progress) {
    progress.phase("inspect");
    CommitLog.View view = context.rememberedTip().check(context.log().read());
    DamageReport report =
        new DamageSearch(context, new CurrentLog(view, context.log()::read)).all(progress);
    List<String> problems = new ArrayList<>(view.problems());
    problems.addAll(report.problems());
    return new DamageReport(problems, report.affected());
  }
}
