package io.lifeboat.postgres;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is true of a cluster at the end of a backup of it, so that a drill can tell whether a copy
 * has all of it. Holds names, numbers and digests of rows, no rows and no passwords. What could not
 * be told, or changed while it was looked at, is not in it.
 *
 * @param roles without those that every server has
 * @param settings that are not the default; none that may hold a secret
 * @param gaps what it does not tell, a sentence each
 */
public record TruthManifest(
    List<Database> databases,
    List<Role> roles,
    List<Membership> memberships,
    Map<String, String> settings,
    List<String> gaps) {
  /** Copies everything. */
  public TruthManifest {
    databases = List.copyOf(databases);
    roles = List.copyOf(roles);
    memberships = List.copyOf(memberships);
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    gaps = List.copyOf(gaps);
  }

  /** A database that the role may enter. */
  public record Database(
      String name,
      List<ClusterFacts.Extension> extensions,
      List<Relation> relations,
      List<Sequence> sequences) {
    /** Copies the lists. */
    public Database {
      extensions = List.copyOf(extensions);
      relations = List.copyOf(relations);
      sequences = List.copyOf(sequences);
    }
  }

  /**
   * A table or view.
   *
   * @param kind as {@code pg_class.relkind}: {@code r} table, {@code p} partitioned, {@code m}
   *     materialized view, {@code v} view, {@code f} foreign table
   * @param persistence as {@code pg_class.relpersistence}: {@code p} permanent, {@code u} unlogged
   * @param sizeBytes an estimate, without indexes
   * @param digest of all rows, whatever their order, as {@link TruthSql#count} computes it; only
   *     where nothing was changed
   */
  public record Relation(
      String schema,
      String name,
      String kind,
      String persistence,
      long sizeBytes,
      RowCount rows,
      Optional<String> digest,
      Optional<Newest> newest) {}

  /**
   * The greatest value of a primary key of one column that is a number or a time.
   *
   * @param low what the copy has at least, as text
   * @param high what it has at most
   */
  public record Newest(String column, String low, String high) {}

  /**
   * A sequence.
   *
   * @param lastValue before the backup; a copy must not be behind it
   * @param increment negative if it counts down
   */
  public record Sequence(String schema, String name, long lastValue, long increment) {}

  /**
   * A role.
   *
   * @param attributes words of {@code CREATE ROLE}, as {@link TruthSql#ROLE_ATTRIBUTES} puts them
   */
  public record Role(String name, String attributes) {}

  /** That a role is a member of another. */
  public record Membership(String role, String member) {}
}
