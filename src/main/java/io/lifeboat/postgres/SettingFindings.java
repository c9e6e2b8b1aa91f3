package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a server's settings mean for its backups. */
final class SettingFindings {
  static final String RAISE_WAL_LEVEL =
      "ALTER SYSTEM SET wal_level = 'replica'; ALTER SYSTEM SET max_wal_senders = 10;";

  private static final int WITH_SUMMARIES = 170_000;
  private static final int WITH_IDLE_SLOT_TIMEOUT = 180_000;
  private static final String RELOAD = " SELECT pg_reload_conf();";

  private final Connection connection;
  private final int versionNum;

  SettingFindings(Connection connection) throws SQLException {
    this.connection = connection;
    this.versionNum = Integer.parseInt(setting("server_version_num"));
  }

  List<Finding> run() throws SQLException {
    var findings = new ArrayList<Finding>();
    findings.add(walLevel());
    findings.add(free("slots", "max_replication_slots", "pg_replication_slots"));
    findings.add(free("walsenders", "max_wal_senders", "pg_stat_replication"));
    findings.add(slotLimit());
    if (versionNum >= WITH_IDLE_SLOT_TIMEOUT) {
      findings.add(idleSlots());
    }
    findings.add(fullPageWrites());
    findings.add(checksums());
    if (versionNum >= WITH_SUMMARIES && !setting("wal_level").equals("minimal")) {
      findings.add(summaries());
    }
    findings.add(
        Finding.well(
            "archive_mode",
            ADVICE,
            "archive_mode is " + setting("archive_mode") + "; Lifeboat's backups do not need it."));
    return findings;
  }

  private Finding walLevel() throws SQLException {
    String level = setting("wal_level");
    return level.equals("minimal")
        ? Finding.ill(
            "wal_level",
            REQUIRED,
            "wal_level is minimal: the WAL lacks what a backup needs. A restart is needed.",
            RAISE_WAL_LEVEL)
        : Finding.well("wal_level", REQUIRED, "wal_level is " + level + ".");
  }

  private Finding free(String id, String setting, String view) throws SQLException {
    long limit = Long.parseLong(setting(setting));
    long used = number("SELECT count(*) FROM " + view);
    String sentence = used + " of " + limit + " are in use (" + setting + ").";
    return used < limit
        ? Finding.well(id, REQUIRED, sentence)
        : Finding.ill(
            id,
            REQUIRED,
            sentence + " A backup needs one. A restart is needed.",
            "ALTER SYSTEM SET " + setting + " = " + (limit + 10) + ";");
  }

  /**
   * Too little ends the session that holds the slot, and the backup with it; no limit at all lets a
   * slot that nobody reads fill the disk.
   */
  private Finding slotLimit() throws SQLException {
    String name = "max_slot_wal_keep_size";
    long limitMegabytes = number("SELECT setting FROM pg_settings WHERE name = '" + name + "'");
    long checkpointMegabytes =
        number("SELECT setting FROM pg_settings WHERE name = 'max_wal_size'");
    String is = name + " is " + setting(name);
    if (limitMegabytes < 0) {
      return Finding.ill(
          "slot_limit",
          ADVICE,
          name
              + " sets no limit: a slot whose receiver is lost keeps WAL until the disk is full."
              + " Choose less than that disk can spare, and more than is written during a backup.",
          limit(name, checkpointMegabytes));
    }
    return limitMegabytes < checkpointMegabytes
        ? Finding.ill(
            "slot_limit",
            ADVICE,
            is + ": a backup during which more WAL than that is written will fail.",
            limit(name, checkpointMegabytes))
        : Finding.well(
            "slot_limit", ADVICE, is + ": a slot whose receiver is lost cannot fill the disk.");
  }

  /** At least some checkpoints' worth, and as much as the databases are large. */
  private String limit(String name, long checkpointMegabytes) throws SQLException {
    long megabytes = Math.max(8 * checkpointMegabytes, ContentFindings.sizeBytes(connection) >> 20);
    return "ALTER SYSTEM SET " + name + " = '" + ((megabytes >> 10) + 1) + "GB';" + RELOAD;
  }

  private Finding idleSlots() throws SQLException {
    String timeout = setting("idle_replication_slot_timeout");
    return timeout.equals("0")
        ? Finding.well("idle_slots", ADVICE, "Slots that nobody reads are not dropped by a timer.")
        : Finding.ill(
            "idle_slots",
            ADVICE,
            "idle_replication_slot_timeout is "
                + timeout
                + ": a receiver of WAL that is away for longer loses its place.",
            "ALTER SYSTEM SET idle_replication_slot_timeout = 0;" + RELOAD);
  }

  private Finding fullPageWrites() throws SQLException {
    return setting("full_page_writes").equals("on")
        ? Finding.well("full_page_writes", ADVICE, "full_page_writes is on.")
        : Finding.ill(
            "full_page_writes",
            ADVICE,
            "full_page_writes is off: a crash of the server may damage its files, and a standby"
                + " cannot be backed up.",
            "ALTER SYSTEM SET full_page_writes = on;" + RELOAD);
  }

  private Finding checksums() throws SQLException {
    return setting("data_checksums").equals("on")
        ? Finding.well("data_checksums", ADVICE, "Pages have checksums, checked at each backup.")
        : new Finding(
            "data_checksums",
            false,
            ADVICE,
            "Pages have no checksums: damage on the server's disk goes into the backup unseen."
                + " With the server stopped, run pg_checksums --enable -D "
                + optionalSetting("data_directory").orElse("<the data directory>")
                + "; clusters made by PostgreSQL 18 and later have them.",
            Optional.empty());
  }

  private Finding summaries() throws SQLException {
    return setting("summarize_wal").equals("on")
        ? Finding.well("summarize_wal", ADVICE, "summarize_wal is on.")
        : Finding.ill(
            "summarize_wal",
            ADVICE,
            "summarize_wal is off: the server could not tell an incremental backup which blocks"
                + " have changed.",
            SourceCheck.SUMMARIZE_WAL);
  }

  private String setting(String name) throws SQLException {
    return PostgresServer.value(connection, "SELECT current_setting(?)", name).orElse("");
  }

  /** One that the role may not be allowed to see. */
  private Optional<String> optionalSetting(String name) throws SQLException {
    return PostgresServer.value(connection, "SELECT setting FROM pg_settings WHERE name = ?", name);
  }

  private long number(String query) throws SQLException {
    return Long.parseLong(PostgresServer.value(connection, query).orElse("0"));
  }
}
