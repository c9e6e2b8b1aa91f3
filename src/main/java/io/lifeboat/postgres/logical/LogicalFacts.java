package io.lifeboat.postgres.logical;

import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one must know of a logical snapshot to load it. Lies in the snapshot as JSON; each table's
 * rows are counted in {@link DatabaseContents}, beside the rows themselves.
 *
 * @param layout of the snapshot's tree; 1
 * @param passwords whether the roles in {@code cluster/globals.sql} have their passwords
 * @param warnings what is not in the snapshot though one might expect it, a sentence each
 */
public record LogicalFacts(
    int layout, Server server, boolean passwords, List<Database> databases, List<String> warnings) {
  private static final int LAYOUT = 1;

  /** Facts of a snapshot in the layout that this version writes. */
  public static LogicalFacts of(
      Server server, boolean passwords, List<Database> databases, List<String> warnings) {
    return new LogicalFacts(LAYOUT, server, passwords, databases, warnings);
  }

  /** Copies the lists. */
  public LogicalFacts {
    databases = List.copyOf(databases);
    warnings = List.copyOf(warnings);
  }

  /**
   * Who the server is.
   *
   * @param versionNum as {@code server_version_num}: 180006 is 18.6
   * @param programs the version of the {@code pg_dump} that wrote the definitions
   */
  public record Server(int versionNum, String version, String programs) {
    /** The major version: 18. */
    public int major() {
      return versionNum / 10_000;
    }
  }

  /**
   * One database.
   *
   * @param folder its name in {@code databases/}
   * @param roles those that own something in it or have been granted something
   * @param settings what {@code ALTER DATABASE} and {@code ALTER ROLE … IN DATABASE} have set
   * @param at the instant at which all of it is as the snapshot has it
   * @param lsn the server's position in its log just after that
   */
  public record Database(
      String name,
      String folder,
      Properties properties,
      List<Extension> extensions,
      List<String> roles,
      List<Setting> settings,
      Instant at,
      Lsn lsn,
      long tables,
      long rows) {
    /** Copies the lists. */
    public Database {
      extensions = List.copyOf(extensions);
      roles = List.copyOf(roles);
      settings = List.copyOf(settings);
    }
  }

  /**
   * What {@code CREATE DATABASE} must be told.
   *
   * @param provider of collations: {@code c} (the C library), {@code i} (ICU) or {@code b} (built
   *     in)
   * @param locale of a provider other than the C library
   */
  public record Properties(
      String encoding, String collation, String ctype, String provider, Optional<String> locale) {}

  /**
   * A setting.
   *
   * @param role whose in this database; everybody's, if empty
   */
  public record Setting(Optional<String> role, String name, String value) {}

  /** One JSON object. */
  public String toJson() {
    return new String(FactsJson.write(this), StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws io.lifeboat.error.PermanentException {@code OBJECT_DAMAGED} if something else was
   *     written
   */
  public static LogicalFacts fromJson(String json) {
    return FactsJson.read(
        json.getBytes(StandardCharsets.UTF_8), LogicalFacts.class, "the dumped databases");
  }
}
