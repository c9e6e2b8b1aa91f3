package io.lifeboat.operation;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.retention.PruneResult;
import java.util.List;

/**
 * Writes what an engine answered as the JSON object that the API and the command line both show.
 */
public interface ResultFormat {
  /** A backup's. */
  String backup(String operation, BackupResult result);

  /** A restore's. */
  String restore(String operation, RestoreResult result);

  /** That of a database's or a table's restore. */
  String object(String operation, ObjectResult result);

  /** A drill's. */
  String drill(String operation, DrillResult result);

  /** That of negative controls. */
  String controls(String operation, ControlReport report);

  /** A prune's. */
  String prune(String operation, PruneResult result);

  /** What a prune did or, if it only looked, would do now and later: for people, a line each. */
  List<String> sentences(PruneResult result);

  /** A verification's. */
  String verify(String operation, VerifyReport report);
}
