package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Loads one database: scripts in the order they come, rows in parallel. Refused statements are
 * collected, and whoever loads is told of all of them. For one thread.
 */
public final class DatabaseLoad implements AutoCloseable {
  private static final int MOST_PROBLEMS = 1000;
  private static final int MOST_TOLD = 20;
  private static final Pattern OF_OWNERS =
      Pattern.compile(
          "(ALTER .* OWNER TO .*|GRANT .*|REVOKE .*|ALTER DEFAULT PRIVILEGES .*)", Pattern.DOTALL);

  private final TargetDatabase target;
  private final boolean owners;
  private final LoadCancellation cancellation;
  private final LoadSession session;
  private final ParallelCopies copies;
  private final List<LoadProblem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, Integer> benign = new TreeMap<>();

  /**
   * A load that has begun.
   *
   * @param owners whether owners and grants are restored; if not, all belongs to who loads
   * @param jobs how many parts of rows are loaded at once
   */
  public DatabaseLoad(TargetDatabase target, boolean owners, int jobs, Progress progress) {
    this.target = target;
    this.owners = owners;
    this.cancellation = new LoadCancellation(progress);
    try {
      this.session = LoadSession.open(target.server());
    } catch (RuntimeException e) {
      cancellation.close();
      throw e;
    }
    cancellation.add(session);
    this.copies = new ParallelCopies(target.server(), jobs, cancellation);
  }

  /** Runs one statement of a script. */
  public void statement(String sql) {
    cancellation.check();
    if (!owners && OF_OWNERS.matcher(sql).matches()) {
      return;
    }
    try {
      session.execute(sql);
    } catch (SQLException e) {
      cancellation.check();
      refused(sql, e);
    }
  }

  private void refused(String sql, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.startsWith("08") || state.startsWith("57P")) {
      throw target.server().failure(e);
    }
    Optional<String> reason = BenignRefusal.reason(state, sql);
    if (reason.isPresent()) {
      benign.merge(state + ": " + reason.get(), 1, Integer::sum);
    } else if (problems.size() < MOST_PROBLEMS) {
      problems.add(LoadProblem.of(state, String.valueOf(e.getMessage()), sql));
    }
  }

  /**
   * Rows without what they belong to would only fail, later.
   *
   * @throws PermanentException {@code LOAD_INCOMPLETE} if a statement was refused so far
   */
  public void requireSound() {
    problems.addAll(copies.problems());
    if (!problems.isEmpty()) {
      throw incomplete(problems.stream().map(LoadProblem::sentence).toList());
    }
  }

  /** Loads a part of a table's rows, at some time before {@link #awaitRows} ends. */
  public void rows(DatabaseContents.Table table, byte[] bytes, int lengthBytes) {
    copies.add(new ParallelCopies.Part(Optional.of(table), bytes, lengthBytes));
  }

  /** Writes contents of large objects, at some time before {@link #awaitRows} ends. */
  public void largeObjects(byte[] bytes, int lengthBytes) {
    copies.add(new ParallelCopies.Part(Optional.empty(), bytes, lengthBytes));
  }

  /** Waits until all rows are there. */
  public void awaitRows() {
    copies.await();
    requireSound();
  }

  /**
   * Holds what is there against what was dumped.
   *
   * @throws PermanentException {@code LOAD_INCOMPLETE}, naming the tables that differ
   */
  public LoadOutcome compare(LogicalFacts.Database facts, DatabaseContents contents) {
    requireSound();
    try {
      for (String setting : target.settings(facts, owners)) {
        statement(setting);
      }
      var comparison = new LoadComparison(session, contents, copies.taken());
      List<String> differences = comparison.differences();
      if (!differences.isEmpty()) {
        throw incomplete(differences);
      }
      notes.addAll(comparison.otherExtensions(facts));
      requireSound();
      benign.forEach((why, times) -> notes.add("Refused " + times + " times, harmless: " + why));
      return new LoadOutcome(
          comparison.tables(), comparison.rows(), contents.sequences().size(), notes);
    } catch (SQLException e) {
      cancellation.check();
      throw target.server().failure(e);
    }
  }

  private PermanentException incomplete(List<String> sentences) {
    List<String> told = sentences.subList(0, Math.min(MOST_TOLD, sentences.size()));
    return new PermanentException(
        ErrorCode.LOAD_INCOMPLETE,
        "Database "
            + target.server().address()
            + " is not what was dumped: "
            + String.join("; ", told)
            + (sentences.size() > MOST_TOLD
                ? "; and " + (sentences.size() - MOST_TOLD) + " more"
                : ""),
        "Drop that database, mend what is named, and load again.");
  }

  @Override
  public void close() {
    try (cancellation;
        session) {
      copies.close();
      cancellation.remove(session);
    } catch (LifeboatException e) {
      // The server has gone; whatever was wrong was said before.
      notes.add(String.valueOf(e.getMessage()));
    }
  }
}
