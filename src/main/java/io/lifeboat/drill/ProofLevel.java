package io.lifeboat.drill;

/** How deep a proof goes; each level includes those before it. */
public enum ProofLevel {
  /** The objects exist. */
  L0,
  /** They match the manifest. */
  L1,
  /** Fully decrypted. */
  L2,
  /** Restored. */
  L3,
  /** Boots. */
  L4,
  /** The structure is sound. */
  L5,
  /** The contents match what was recorded with the backup. */
  L6,
  /** The application's own checks hold. */
  L7
}
