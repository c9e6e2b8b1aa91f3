package io.lifeboat.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BaseBackupResult.Tablespace;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one must know of a cluster to start a copy of it, and to tell whether the copy is it. Lies
 * in each snapshot as JSON; fields that a later version adds are passed over.
 *
 * @param settings those that {@link ClusterInspection} names and the role may see
 * @param capture the backup, once it is done
 * @param canary the row written for it, if one could be
 * @param truth what a copy must have; snapshots of version 0.1 do not say
 */
public record ClusterFacts(
    Server server,
    Map<String, String> settings,
    Contents contents,
    Optional<Capture> capture,
    Optional<CanaryRow> canary,
    Optional<TruthManifest> truth) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Copies the settings, sorted. */
  public ClusterFacts {
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /**
   * Who the server is.
   *
   * @param versionNum as {@code server_version_num}: 180006 is 18.6
   * @param version as {@code version()} says it
   * @param systemIdentifier unsigned, as decimal text
   * @param bootstrapSuperuser the role that owns the catalog: a copy always has it
   */
  public record Server(
      int versionNum, String version, String systemIdentifier, String bootstrapSuperuser) {
    /** The major version: 18. */
    public int major() {
      return versionNum / 10_000;
    }
  }

  /**
   * What is in it.
   *
   * @param database the one that was asked
   * @param extensions of that database
   */
  public record Contents(
      String database, List<Database> databases, List<Extension> extensions, int roles) {
    /** Copies the lists. */
    public Contents {
      databases = List.copyOf(databases);
      extensions = List.copyOf(extensions);
    }
  }

  /**
   * A database.
   *
   * @param sizeBytes empty if the role may not know
   * @param collation a locale that a copy's machine must have too
   */
  public record Database(
      String name, Optional<Long> sizeBytes, String encoding, String collation) {}

  /** An extension. */
  public record Extension(String name, String version) {}

  /**
   * What {@link BaseBackupResult} says, without the manifest.
   *
   * @param damage pages that were damaged on the source already; snapshots of version 0.1 do not
   *     say
   * @param parent the snapshot that it was taken against, if only what changed since was read; of
   *     interest to people alone, as every snapshot is whole
   */
  public record Capture(
      Lsn startLsn,
      Lsn stopLsn,
      int timeline,
      List<Tablespace> tablespaces,
      Optional<PageDamage> damage,
      Optional<String> parent) {
    /** Copies the list. */
    public Capture {
      tablespaces = List.copyOf(tablespaces);
    }
  }

  /**
   * How long a segment of the write-ahead log is.
   *
   * @throws PermanentException {@code OBJECT_DAMAGED} if the facts do not say
   */
  public long segmentBytes() {
    String setting = settings.getOrDefault("wal_segment_size", "");
    try {
      return Long.parseLong(setting);
    } catch (NumberFormatException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The cluster's facts give its wal_segment_size as '" + setting + "'",
          "Restore another snapshot, and report this one.",
          e);
    }
  }

  /** The limits that a copy needs too, by setting, as far as they are known. */
  public Map<String, Integer> floors() {
    var floors = new TreeMap<String, Integer>();
    ClusterInspection.FLOORS.stream()
        .filter(settings::containsKey)
        .forEach(name -> floors.put(name, Integer.valueOf(settings.get(name))));
    return floors;
  }

  /** The same facts with the backup's. */
  public ClusterFacts with(BaseBackupResult result) {
    var done =
        new Capture(
            result.startLsn(),
            result.stopLsn(),
            result.timeline(),
            result.tablespaces(),
            result.damage(),
            result.incremental().map(BaseBackupResult.Incremental::parent));
    return new ClusterFacts(server, settings, contents, Optional.of(done), canary, truth);
  }

  /** The same facts with a canary, or without. */
  public ClusterFacts with(Optional<CanaryRow> row) {
    return new ClusterFacts(server, settings, contents, capture, row, truth);
  }

  /** The same facts with what a copy must have, or without. */
  public ClusterFacts withTruth(Optional<TruthManifest> manifest) {
    return new ClusterFacts(server, settings, contents, capture, canary, manifest);
  }

  /** One JSON object. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Facts are plain data", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws PermanentException {@code OBJECT_DAMAGED} if something else was written
   */
  public static ClusterFacts fromJson(String json) {
    try {
      return JSON.readValue(json, ClusterFacts.class);
    } catch (JsonProcessingException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The snapshot's facts are not those of a PostgreSQL cluster: " + e.getOriginalMessage(),
          "Use a Lifeboat of at least the version that took the snapshot, or restore another one.",
          e);
    }
  }
}
