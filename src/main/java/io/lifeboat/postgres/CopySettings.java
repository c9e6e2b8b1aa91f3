package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a scratch copy: it listens on one private Unix socket, reaches nobody, runs no
 * job, archives nothing, needs no file outside its folder, and is not durable. They are given on
 * the command line, because there they win over every file. Still the copy's {@code
 * postgresql.auto.conf} must be emptied ({@link RestoredCluster#forgetAlterSystem}): PostgreSQL
 * does not start with a value in it that this machine does not know.
 *
 * <p>Limit: nothing is preloaded, so that the copy starts where the source's libraries are not
 * installed. Data of an extension that insists on being preloaded can then not be queried.
 */
public final class CopySettings {
  private static final int LONGEST_SOCKET_PATH_BYTES = 107;
  private static final int MAJOR_WITH_WAL_SUMMARIES = 17;
  private static final int MAJOR_WITH_IO_METHODS = 18;

  private final Map<String, String> settings;

  private CopySettings(Map<String, String> settings) {
    this.settings = Collections.unmodifiableMap(settings);
  }

  /**
   * Where a copy finds its few files.
   *
   * @param socketFolder a private folder; the socket in it is {@code .s.PGSQL.<port>}
   * @param configFile where {@link #configFile} is written
   * @param hbaFile where {@link #hbaFile} is written
   * @param identFile any empty file
   */
  public record Place(
      String socketFolder, int port, String configFile, String hbaFile, String identFile) {
    /** Checks what the system's socket addresses can hold. */
    public Place {
      String socket = socketFolder + "/.s.PGSQL." + port;
      if (socket.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH_BYTES) {
        throw new PermanentException(
            ErrorCode.SCRATCH_UNAVAILABLE,
            "The path of the copy's socket is longer than "
                + LONGEST_SOCKET_PATH_BYTES
                + " bytes: "
                + socket,
            "Use a scratch folder with a shorter path.");
      }
    }
  }

  /** The settings for a copy of the cluster that the facts describe. */
  public static CopySettings scratch(ClusterFacts facts, Place place) {
    var settings = new LinkedHashMap<String, String>();
    ClusterInspection.FLOORS.stream()
        .filter(facts.settings()::containsKey)
        .forEach(name -> settings.put(name, facts.settings().get(name)));
    settings.putIfAbsent("max_wal_senders", "10");
    settings.put("wal_level", walLevel(facts));
    reachable(place, settings);
    silent(settings);
    modest(settings);
    int major = facts.server().major();
    if (major >= MAJOR_WITH_WAL_SUMMARIES) {
      settings.put("summarize_wal", "off");
    }
    if (major >= MAJOR_WITH_IO_METHODS) {
      settings.put("io_method", "worker");
    }
    return new CopySettings(settings);
  }

  /**
   * The same for a copy that recovers: it lets nobody in before its recovery is over, so that
   * nobody sees it on the way.
   */
  private CopySettings recovering(RecoverySettings recovery) {
    var all = new LinkedHashMap<>(settings);
    all.putAll(recovery.settings());
    all.put("hot_standby", "off");
    return new CopySettings(all);
  }

  /** The settings for a copy that recovers to where these say. */
  public static CopySettings scratch(
      ClusterFacts facts, Place place, Optional<RecoverySettings> recovery) {
    CopySettings plain = scratch(facts, place);
    return recovery.map(plain::recovering).orElse(plain);
  }

  /** Logical decoding slots of the source are not copied, but a lower level would refuse others. */
  private static String walLevel(ClusterFacts facts) {
    String level = facts.settings().getOrDefault("wal_level", "replica");
    return level.equals("minimal") ? "replica" : level;
  }

  private static void reachable(Place place, Map<String, String> settings) {
    settings.put("listen_addresses", "");
    settings.put("unix_socket_directories", '"' + place.socketFolder().replace("\"", "\"\"") + '"');
    settings.put("unix_socket_permissions", "0700");
    settings.put("unix_socket_group", "");
    settings.put("port", Integer.toString(place.port()));
    settings.put("ssl", "off");
    settings.put("hba_file", place.hbaFile());
    settings.put("ident_file", place.identFile());
    settings.put("external_pid_file", "");
    settings.put("bonjour", "off");
  }

  /** Nothing leaves the copy, and nothing in it starts by itself. */
  private static void silent(Map<String, String> settings) {
    settings.put("archive_mode", "off");
    settings.put("archive_command", "");
    settings.put("archive_library", "");
    settings.put("archive_cleanup_command", "");
    settings.put("restore_command", "");
    settings.put("recovery_end_command", "");
    settings.put("primary_conninfo", "");
    settings.put("primary_slot_name", "");
    // Otherwise a commit waits for a standby that the copy does not have.
    settings.put("synchronous_standby_names", "");
    settings.put("hot_standby", "on");
    // Otherwise a copy of a subscriber takes its publisher's changes away from the source.
    settings.put("max_logical_replication_workers", "0");
    settings.put("shared_preload_libraries", "");
    settings.put("session_preload_libraries", "");
    settings.put("local_preload_libraries", "");
    settings.put("autovacuum", "off");
    settings.put("logging_collector", "off");
    settings.put("log_destination", "stderr");
    settings.put("log_statement", "none");
    settings.put("log_min_duration_statement", "-1");
    settings.put("log_min_error_statement", "panic");
  }

  /** Runs on a small machine, with no locale and no huge pages, and is thrown away afterwards. */
  private static void modest(Map<String, String> settings) {
    settings.put("shared_buffers", "128MB");
    settings.put("huge_pages", "off");
    settings.put("min_dynamic_shared_memory", "0");
    settings.put("max_parallel_workers_per_gather", "0");
    settings.put("fsync", "off");
    settings.put("synchronous_commit", "off");
    settings.put("full_page_writes", "off");
    settings.put("restart_after_crash", "off");
    settings.put("jit", "off");
    for (String category : List.of("messages", "monetary", "numeric", "time")) {
      settings.put("lc_" + category, "C");
    }
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
  }

  /** Name and value, in order. */
  public Map<String, String> settings() {
    return settings;
  }

  /**
   * The program's arguments: {@code postgres <these>}. The data directory must be given, because
   * the configuration file lies elsewhere.
   */
  public List<String> arguments(String dataDirectory, Place place) {
    var arguments = new ArrayList<String>();
    arguments.add("-D");
    arguments.add(dataDirectory);
    arguments.add("-c");
    arguments.add("config_file=" + place.configFile());
    settings.forEach((name, value) -> {
      arguments.add("-c");
      arguments.add(name + "=" + value);
    });
    return arguments;
  }

  /**
   * The text of a {@code postgresql.conf} with the same settings, for whoever reads the scratch.
   */
  public String configFile() {
    var text = new StringBuilder("# A scratch copy. The same settings are on its command line.\n");
    settings.forEach((name, value) ->
        text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return text.toString();
  }

  /** The text of its {@code pg_hba.conf}: whoever can open the private socket may do anything. */
  public String hbaFile() {
    return "local all all trust\n";
  }
}
