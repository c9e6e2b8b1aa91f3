package io.lifeboat.postgres;

import io.lifeboat.postgres.TruthManifest.Newest;
import io.lifeboat.postgres.TruthManifest.Relation;
import java.util.Optional;

/**
 * One look at a table.
 *
 * @param key the column of its primary key, if that is one number or time
 * @param rows how many there were
 */
record TableObservation(
    Table table, Activity activity, Optional<String> key, Rows rows, Optional<String> newest) {
  /** Which table it is. */
  record Table(
      String oid, String schema, String name, String kind, String persistence, long sizeBytes) {}

  /**
   * What the server's statistics say was ever done to it.
   *
   * @param file changes when the table is rewritten or truncated
   * @param keptKeys updates that touched no indexed column
   */
  record Activity(String file, long inserted, long updated, long keptKeys, long deleted) {}

  /** How many rows there were, or why nobody knows. */
  sealed interface Rows {
    /** A count, and the rows' digest if it was asked for. */
    record Counted(long rows, Optional<String> digest) implements Rows {}

    /** No count. */
    record Unknown(String reason) implements Rows {}
  }

  TableObservation with(Rows counted) {
    return new TableObservation(table, activity, key, counted, newest);
  }

  TableObservation with(Activity later) {
    return new TableObservation(table, later, key, rows, newest);
  }

  TableObservation withNewest(Optional<String> value) {
    return new TableObservation(table, activity, key, rows, value);
  }

  /** Whether it was read at all. */
  boolean sawRows() {
    return rows instanceof Rows.Counted || newest.isPresent();
  }

  /** What holds if nothing whatsoever was written in the meantime. */
  Relation untouched() {
    return switch (rows) {
      case Rows.Unknown unknown ->
          relation(new RowCount.NotCounted(unknown.reason()), Optional.empty(), newestUpTo(newest));
      case Rows.Counted counted ->
          relation(new RowCount.Exact(counted.rows()), counted.digest(), newestUpTo(newest));
    };
  }

  /**
   * What held at any moment between this look and a later one: the end of the backup is such a
   * moment. The later one's statistics must be of a time by which all sessions had reported.
   *
   * @param countedBefore whether rows were counted for this look before that end; all else was
   */
  Relation until(TableObservation later, boolean countedBefore) {
    boolean sameFile = activity.file().equals(later.activity.file());
    long inserted = later.activity.inserted() - activity.inserted();
    long updated = later.activity.updated() - activity.updated();
    long keptKeys = later.activity.keptKeys() - activity.keptKeys();
    long deleted = later.activity.deleted() - activity.deleted();
    boolean known = sameFile && inserted >= 0 && updated >= 0 && deleted >= 0;
    boolean still = known && inserted == 0 && updated == 0 && deleted == 0;
    return relation(
        known ? count(later, inserted, deleted, countedBefore) : new RowCount.NotCounted(CHANGED),
        still ? digest(later) : Optional.empty(),
        known && deleted == 0 && updated == keptKeys ? newestUpTo(later.newest) : Optional.empty());
  }

  private static final String CHANGED = "it changed while it was counted";

  private RowCount count(
      TableObservation later, long inserted, long deleted, boolean countedBefore) {
    if (rows instanceof Rows.Unknown unknown) {
      return new RowCount.NotCounted(unknown.reason());
    }
    if (later.rows instanceof Rows.Unknown unknown) {
      return new RowCount.NotCounted(unknown.reason());
    }
    long before = ((Rows.Counted) rows).rows();
    long after = ((Rows.Counted) later.rows).rows();
    if (deleted == 0 && (inserted > 0 ? after >= before : after == before)) {
      return RowCount.between(countedBefore ? before : Math.max(0, after - inserted), after);
    }
    return inserted == 0 && deleted > 0 && after <= before
        ? RowCount.between(after, countedBefore ? before : after + deleted)
        : new RowCount.NotCounted(CHANGED);
  }

  private Optional<String> digest(TableObservation later) {
    return rows instanceof Rows.Counted before
            && later.rows instanceof Rows.Counted after
            && before.digest().equals(after.digest())
        ? before.digest()
        : Optional.empty();
  }

  private Optional<Newest> newestUpTo(Optional<String> high) {
    return key.flatMap(
        column -> newest.flatMap(low -> high.map(value -> new Newest(column, low, value))));
  }

  private Relation relation(RowCount count, Optional<String> digest, Optional<Newest> greatest) {
    return new Relation(
        table.schema(),
        table.name(),
        table.kind(),
        table.persistence(),
        table.sizeBytes(),
        count,
        digest,
        greatest);
  }
}
