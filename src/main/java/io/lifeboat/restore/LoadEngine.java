package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import java.util.List;
import java.util.Optional;

/** Loads a database of a logical snapshot, by the path that every restore goes. Thread-safe. */
public final class LoadEngine {
  private final RestoreEngine restores = new RestoreEngine();

  /**
   * Loads a database and compares its rows.
   *
   * @param name which of the snapshot; its first, if empty
   * @throws PermanentException {@code LOAD_INCOMPLETE}, {@code TARGET_NOT_EMPTY}, {@code
   *     USAGE_INVALID} for a snapshot of another kind, and what {@link RestoreEngine} throws
   */
  public LoadOutcome load(
      SnapshotReader snapshot,
      Optional<String> name,
      TargetDatabase database,
      DatabaseTarget.Options options,
      Progress progress) {
    LogicalFacts.Database facts = database(snapshot, name);
    try (var target = new DatabaseTarget(database, facts, options, progress)) {
      progress.expect(snapshot.root().info().sizeBytes());
      restores.restore(snapshot, selection(snapshot, facts), target, progress);
      return target.outcome();
    }
  }

  /** Other databases of the snapshot are not read; two names keep the whole path of each. */
  private static RestoreSelection selection(SnapshotReader snapshot, LogicalFacts.Database facts) {
    boolean only = LogicalFacts.fromJson(snapshot.root().facts()).databases().size() == 1;
    return only
        ? RestoreSelection.everything()
        : RestoreSelection.of(
            List.of(LogicalLayout.CLUSTER, LogicalLayout.DATABASES + "/" + facts.folder()),
            List.of());
  }

  /** The facts of one database of a snapshot. */
  private static LogicalFacts.Database database(SnapshotReader snapshot, Optional<String> name) {
    String type = snapshot.root().info().sourceType();
    if (!type.equals(LogicalLayout.TYPE)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "Snapshot " + snapshot.root().info().id() + " is not a dump of databases but " + type,
          "Use `lifeboat restore`.");
    }
    List<LogicalFacts.Database> all = LogicalFacts.fromJson(snapshot.root().facts()).databases();
    return all.stream()
        .filter(database -> name.isEmpty() || database.name().equals(name.get()))
        .findFirst()
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "The snapshot has no database '" + name.orElse("") + "'",
                "It has: "
                    + String.join(", ", all.stream().map(LogicalFacts.Database::name).toList())));
  }
}
