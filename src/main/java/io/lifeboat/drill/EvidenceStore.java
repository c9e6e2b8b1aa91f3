package io.lifeboat.drill;

import io.lifeboat.repository.DrillSummary;

/** Where the evidence of drills is kept. */
public interface EvidenceStore {
  /** SHA-256 of the evidence kept last, in hexadecimal; 64 zeros before the first. */
  String previous();

  /**
   * Keeps a signed record, for ever.
   *
   * @return the name it is kept under
   */
  String keep(DrillSummary drill, byte[] signed);
}
