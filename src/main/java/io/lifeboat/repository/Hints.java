package io.lifeboat.repository;

/** Next steps that several failures share. */
final class Hints {
  static final String VERIFY =
      "Run `lifeboat verify` to see what else is hit, and restore another snapshot or from a second"
          + " copy of the repository.";

  static final String REPAIR_LOG =
      "`lifeboat repair --dry-run`, with the recovery kit, says what can be mended, and without"
          + " --dry-run it mends that. Entries that a copy of the repository has are better put"
          + " back from there first.";

  static final String FINISH_COPY =
      "`lifeboat copy --to STORE` goes on where it was stopped; until it has ended, use the"
          + " original.";

  private Hints() {}
}
