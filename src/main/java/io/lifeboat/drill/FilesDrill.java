package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.scratch.FolderScratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.repository.SnapshotReader;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Restores a tree of files and reads every one of them again. For one thread, once. */
final class FilesDrill implements ScratchDrill<FolderScratch> {
  private static final int MOST_PROBLEMS = 5;

  private final DrillRequest request;
  private final SnapshotReader snapshot;
  private final Course course;
  private final CheckLog checks;

  FilesDrill(DrillRequest request, SnapshotReader snapshot, Course course) {
    this.request = request;
    this.snapshot = snapshot;
    this.course = course;
    this.checks = course.checks();
  }

  @Override
  public FolderScratch allocate(ScratchFactory scratches) {
    scratches.requireRoom(ScratchKind.process, snapshot.root().info().sizeBytes());
    return scratches.folder(request.drill());
  }

  @Override
  public Optional<Instant> prove(FolderScratch scratch) {
    course.phases().enterUnannounced("restore");
    if (!RestoreStep.run(
        snapshot, course.sabotage().target(scratch.target()), checks, course.progress())) {
      return Optional.empty();
    }
    if (request.reaches(ProofLevel.L6)) {
      course.phases().enter("check");
      compare(scratch);
    }
    request
        .checks()
        .forEach(check ->
            checks.add(
                check.id(),
                Verdict.ERROR,
                check.meaning(),
                "a source of files has no database that could be asked"));
    return Optional.empty();
  }

  private void compare(FolderScratch scratch) {
    try {
      var comparison = new TreeComparison(snapshot, scratch.tree(), course.progress());
      List<String> problems = comparison.problems();
      if (!problems.isEmpty()) {
        checks.fail(
            BuiltInCheck.FILES,
            String.join("; ", problems.subList(0, Math.min(MOST_PROBLEMS, problems.size())))
                + (problems.size() > MOST_PROBLEMS ? "; and more" : ""));
      } else if (comparison.files() == 0) {
        checks.skip(BuiltInCheck.FILES, "there is no file to compare");
      } else {
        checks.pass(
            BuiltInCheck.FILES,
            comparison.files() + " files read from the disk are as recorded, byte for byte");
      }
    } catch (LifeboatException e) {
      checks.broken(BuiltInCheck.FILES, e);
    }
  }
}
