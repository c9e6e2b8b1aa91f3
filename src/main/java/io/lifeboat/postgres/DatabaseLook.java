package io.lifeboat.postgres;

import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.postgres.TruthManifest.Relation;
import io.lifeboat.postgres.TruthManifest.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one look at a database saw.
 *
 * @param tables by their oid, the smallest first
 * @param countedBy where the WAL ended when their rows had been counted; a standby does not tell
 */
record DatabaseLook(
    List<Extension> extensions,
    List<Sequence> sequences,
    Map<String, TableObservation> tables,
    Optional<Lsn> countedBy) {
  /** Whether it saw anything of any table's rows. */
  boolean sawRows() {
    return tables.values().stream().anyMatch(TableObservation::sawRows);
  }

  /** What holds if nothing whatsoever was written in the meantime. */
  Database untouched(String name) {
    return new Database(
        name,
        extensions,
        tables.values().stream().map(TableObservation::untouched).toList(),
        sequences);
  }

  /**
   * What held at the end of a backup, which lies between this look and a later one; rows may have
   * been counted for this look until after that end.
   *
   * @param end the end of the backup
   * @param reported the tables, without their rows, at a time by which all sessions had reported
   */
  Database until(Lsn end, DatabaseLook later, Map<String, TableObservation> reported, String name) {
    boolean countedBefore = countedBy.filter(position -> position.isBefore(end)).isPresent();
    var relations = new ArrayList<Relation>();
    tables.forEach((oid, table) -> {
      TableObservation second = later.tables.get(oid);
      TableObservation last = reported.get(oid);
      if (second != null && last != null && isSame(table, second) && isSame(table, last)) {
        relations.add(table.until(second.with(last.activity()), countedBefore));
      }
    });
    return new Database(
        name,
        ClusterTruth.both(extensions, later.extensions),
        relations,
        sequences.stream()
            .filter(
                sequence -> later.sequences.stream().anyMatch(second -> goesOn(sequence, second)))
            .toList());
  }

  private static boolean isSame(TableObservation table, TableObservation later) {
    return table.table().schema().equals(later.table().schema())
        && table.table().name().equals(later.table().name());
  }

  private static boolean goesOn(Sequence sequence, Sequence later) {
    return sequence.schema().equals(later.schema())
        && sequence.name().equals(later.name())
        && sequence.increment() == later.increment()
        && (sequence.increment() > 0
            ? later.lastValue() >= sequence.lastValue()
            : later.lastValue() <= sequence.lastValue());
  }
}
