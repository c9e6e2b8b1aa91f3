package io.lifeboat.restore;

import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** A new server that all databases of a logical snapshot are loaded into. For one thread. */
public final class DatabasesTarget implements RestoreTarget {
  /** What a new server has; the others are made. */
  private static final Set<String> THERE = Set.of("postgres", "template1");

  private static final int JOBS = 2;

  private final List<DatabaseTarget> targets = new ArrayList<>();

  /**
   * A target.
   *
   * @param addresses where a superuser finds a database of a name
   */
  public DatabasesTarget(
      List<LogicalFacts.Database> databases,
      Function<String, PostgresAddress> addresses,
      Progress progress) {
    for (LogicalFacts.Database database : databases) {
      var options =
          new DatabaseTarget.Options(
              !THERE.contains(database.name()), targets.isEmpty(), true, JOBS);
      targets.add(
          new DatabaseTarget(
              new TargetDatabase(addresses.apply(database.name())), database, options, progress));
    }
  }

  /** What was loaded in all, once that was committed. */
  public LoadOutcome outcome() {
    List<LoadOutcome> all = targets.stream().map(DatabaseTarget::outcome).toList();
    return new LoadOutcome(
        all.stream().mapToLong(LoadOutcome::tables).sum(),
        all.stream().mapToLong(LoadOutcome::rows).sum(),
        all.stream().mapToLong(LoadOutcome::sequences).sum(),
        all.stream().flatMap(one -> one.notes().stream()).toList());
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    // A server has no folders.
  }

  /** Roles are the first one's, as is what is nobody's. */
  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    return targets.stream()
        .filter(target -> target.owns(path))
        .findFirst()
        .orElseGet(targets::getFirst)
        .file(path, node);
  }

  @Override
  public boolean hasHardLinks() {
    return false;
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    throw new IllegalStateException("This target has no links");
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    targets.getFirst().symlink(path, node);
  }

  @Override
  public void commit() {
    targets.forEach(DatabaseTarget::commit);
  }

  @Override
  public void close() {
    targets.forEach(DatabaseTarget::close);
  }
}
