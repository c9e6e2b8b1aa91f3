package io.lifeboat.postgres;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a copy that recovers from what lies in its {@code pg_wal} and nowhere else, and
 * then takes writes, on a timeline of its own.
 *
 * @param target empty: to the end of what is there; never {@code Latest}
 * @param timeline a number, or {@code current} for that of the base backup
 * @param floors by setting: what the copy must have at least
 */
public record RecoverySettings(
    Optional<RecoveryTarget> target, String timeline, Map<String, Integer> floors) {
  /** Makes PostgreSQL recover as an archive's copy does. */
  public static final String SIGNAL = "recovery.signal";

  /** Would make it wait for more, for ever. */
  public static final String STANDBY_SIGNAL = "standby.signal";

  private static final String COMMENT =
      "# For the recovery. archive_mode is off, so that this copy never writes into the source's"
          + " archive: take that out once it stands in the source's place.";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Copies the floors. */
  public RecoverySettings {
    floors = Map.copyOf(floors);
  }

  /** Name and value, in order. */
  public Map<String, String> settings() {
    var settings = new LinkedHashMap<String, String>();
    // PostgreSQL insists on one. This one has nothing to give, so pg_wal alone is read.
    settings.put("restore_command", "false");
    settings.put("recovery_target_timeline", timeline);
    target.ifPresent(end -> target(end, settings));
    ClusterInspection.FLOORS.stream()
        .filter(floors::containsKey)
        .forEach(name -> settings.put(name, String.valueOf(floors.get(name))));
    return settings;
  }

  private static void target(RecoveryTarget target, Map<String, String> settings) {
    switch (target) {
      case RecoveryTarget.Time time -> {
        settings.put("recovery_target_time", TIME.format(time.at()) + "+00");
        settings.put("recovery_target_inclusive", time.inclusive() ? "on" : "off");
      }
      case RecoveryTarget.Position position -> {
        settings.put("recovery_target_lsn", position.lsn().toString());
        settings.put("recovery_target_inclusive", position.inclusive() ? "on" : "off");
      }
      case RecoveryTarget.Transaction transaction -> {
        settings.put("recovery_target_xid", Long.toString(transaction.xid()));
        settings.put("recovery_target_inclusive", transaction.inclusive() ? "on" : "off");
      }
      case RecoveryTarget.RestorePoint point -> settings.put("recovery_target_name", point.name());
      case RecoveryTarget.Immediate now -> settings.put("recovery_target", "immediate");
      case RecoveryTarget.Latest latest ->
          throw new IllegalArgumentException("The end of what there is needs no target");
    }
    settings.put("recovery_target_action", "promote");
  }

  /**
   * A {@code postgresql.auto.conf} with these settings behind what {@code ALTER SYSTEM} wrote on
   * the source, less what would make the copy end elsewhere or archive into the source's archive.
   */
  public String autoConf(String before) {
    var text = new StringBuilder();
    before.lines().filter(line -> !isOurs(line)).forEach(line -> text.append(line).append('\n'));
    text.append(COMMENT).append("\narchive_mode = 'off'\n");
    settings()
        .forEach((name, value) ->
            text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return text.toString();
  }

  private static boolean isOurs(String line) {
    String start = line.strip().toLowerCase(Locale.ROOT);
    return start.startsWith("recovery_target")
        || start.startsWith("restore_command")
        || start.startsWith("archive_mode")
        || line.equals(COMMENT);
  }
}
