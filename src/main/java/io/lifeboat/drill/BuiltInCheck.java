package io.lifeboat.drill;

/** The checks that every drill makes by itself. */
enum BuiltInCheck {
  SCRATCH(
      "SCR-1",
      ProofLevel.L3,
      "No scratch could be had, so nothing was tried: this says nothing about the backup."),
  OBJECTS(
      "OBJ-1",
      ProofLevel.L1,
      "Objects of the backup are missing or are not what was written: this snapshot cannot be"
          + " relied upon, and others may share what is damaged."),
  FRESH(
      "FRESH-1",
      ProofLevel.L1,
      "The newest point that the source can be brought back to is older than the plan allows:"
          + " backups do not come, or come too late. It says nothing of the snapshot itself."),
  MANIFEST(
      "MAN-1",
      ProofLevel.L1,
      "Files differ from what PostgreSQL itself recorded with the base backup: a restored cluster"
          + " would be damaged."),
  PAGES(
      "PAG-1",
      ProofLevel.L1,
      "Pages were damaged on the source when it was backed up: a restored cluster is damaged in the"
          + " same places, and queries that read them fail or answer wrongly."),
  KEYS(
      "KEY-1", ProofLevel.L2, "The backup cannot be decrypted with the recovery identity at hand."),
  RESTORED(
      "RST-1",
      ProofLevel.L3,
      "A restore does not bring back as many files and bytes as the snapshot has."),
  BOOTS(
      "BOOT-1",
      ProofLevel.L4,
      "The restored cluster does not start, is not consistent or is not the one that was backed"
          + " up."),
  POINT(
      "PIT-1",
      ProofLevel.L4,
      "The cluster does not come back as of a point in time behind the snapshot: the write-ahead"
          + " log that leads there is not what it should be."),
  TABLES("STR-1", ProofLevel.L5, "Tables of the restored cluster cannot be read to their end."),
  INDEXES(
      "STR-2",
      ProofLevel.L5,
      "Tables or indexes of the restored cluster are damaged inside, so queries may give wrong"
          + " answers."),
  CANARY(
      "CAN-1",
      ProofLevel.L6,
      "The row that was written just before the backup is not in the restored copy: newer data is"
          + " missing than the backup claims to hold."),
  ROWS(
      "ROW-1",
      ProofLevel.L6,
      "A dumped database cannot be loaded whole: statements or rows are refused, or tables have"
          + " other numbers of rows than were counted in the dump's own snapshot."),
  COUNTS(
      "CNT-1",
      ProofLevel.L6,
      "Tables of the source, or rows of them, are missing in the restored copy, or there are more"
          + " than there were: it is not what was backed up."),
  DIGESTS(
      "DIG-1",
      ProofLevel.L6,
      "Rows of the restored copy are not what they were on the source when it was backed up."),
  NEWEST(
      "NEW-1",
      ProofLevel.L6,
      "The newest rows of tables are missing in the restored copy: it is older than the backup"
          + " claims."),
  SEQUENCES(
      "SEQ-1",
      ProofLevel.L6,
      "Sequences of the restored copy are behind those of the source: numbers would be given out"
          + " twice."),
  EXTENSIONS(
      "EXT-1",
      ProofLevel.L6,
      "Extensions of the restored copy are missing or of another version than the source's."),
  ROLES(
      "ROL-1",
      ProofLevel.L6,
      "Roles of the restored copy are missing or have other attributes than the source's."),
  FILES(
      "FIL-1",
      ProofLevel.L6,
      "Restored files differ from what was recorded when they were backed up.");

  private final String id;
  private final ProofLevel level;
  private final String meaning;

  BuiltInCheck(String id, ProofLevel level, String meaning) {
    this.id = id;
    this.level = level;
    this.meaning = meaning;
  }

  String id() {
    return id;
  }

  ProofLevel level() {
    return level;
  }

  String meaning() {
    return meaning;
  }
}
