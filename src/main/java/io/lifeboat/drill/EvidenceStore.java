package io.lifeboat.drill;

import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.EvidenceLink;
import java.util.function.Function;

/** Where the evidence of drills is kept. */
@FunctionalInterface
public interface EvidenceStore {
  /**
   * Keeps a signed record, for ever, behind the one kept last.
   *
   * @param record makes the record for its place; asked again if another takes that place meanwhile
   * @return the name it is kept under
   */
  String keep(DrillSummary drill, Function<EvidenceLink, byte[]> record);
}
