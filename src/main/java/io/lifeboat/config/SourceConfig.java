package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is protected. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SourceConfig.Postgres.class, name = "postgres"),
  @JsonSubTypes.Type(value = SourceConfig.Files.class, name = "files")
})
public sealed interface SourceConfig {
  /**
   * A PostgreSQL server, whole, or databases of it.
   *
   * @param url {@code postgresql://user@host:port/database?sslmode=…}; the database is where facts
   *     are asked and the canary is written
   * @param canary whether a row is written to the source before each backup (schema {@code
   *     lifeboat}); true by default
   * @param maxRate a {@link ByteAmount} at which the server sends at most, of 32 KiB to 1 GiB
   * @param incremental whether only what changed since an earlier snapshot may be read, where the
   *     server can tell; true by default
   * @param dump how databases are dumped; in logical mode only
   * @param truth how the truth manifest is taken; in physical mode only
   */
  record Postgres(
      Optional<Mode> mode,
      String url,
      Optional<Secret> password,
      Optional<Boolean> canary,
      Optional<String> maxRate,
      Optional<Boolean> incremental,
      Optional<Dump> dump,
      Optional<Truth> truth)
      implements SourceConfig {
    /** How a server is read. */
    public enum Mode {
      /** The whole cluster, by the replication protocol. */
      physical,
      /** Databases of it, by SQL and {@code pg_dump}: no right to replicate is needed. */
      logical
    }

    /** Whether databases are dumped, and not the cluster copied. */
    public boolean isLogical() {
      return mode.equals(Optional.of(Mode.logical));
    }

    /** How databases are dumped, by default where nothing is said. */
    public Dump dumping() {
      return dump.orElseGet(
          () -> new Dump(List.of(), Optional.empty(), Optional.empty(), Optional.empty()));
    }
  }

  /**
   * How databases are dumped.
   *
   * @param databases which; that of the url, if none is named
   * @param jobs how many tables are read at once, 2 by default
   * @param programs the folder of {@code pg_dump}; where Debian installs and on the PATH, if empty
   * @param lockTimeout how long is waited for a table that somebody locks, 30 seconds by default
   */
  record Dump(
      List<String> databases,
      Optional<Integer> jobs,
      Optional<Path> programs,
      Optional<Duration> lockTimeout) {
    private static final int JOBS = 2;
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

    /** Copies the list. */
    public Dump {
      databases = databases == null ? List.of() : List.copyOf(databases);
    }

    /** How many tables are read at once. */
    public int parallel() {
      return jobs.orElse(JOBS);
    }

    /** How long is waited for a lock. */
    public Duration lockPatience() {
      return lockTimeout.orElse(LOCK_TIMEOUT);
    }
  }

  /**
   * What is counted with a backup, so that a drill can compare.
   *
   * @param budget how long that may take, before the backup and after it together; zero for not at
   *     all
   */
  record Truth(Optional<Duration> budget) {}

  /**
   * Artifact trees.
   *
   * @param paths the files and folders to protect; each is restored as its last component
   * @param exclude globs, matched against paths relative to each of {@code paths}
   */
  record Files(List<Path> paths, List<String> exclude) implements SourceConfig {
    /** Copies the lists. */
    public Files {
      paths = paths == null ? List.of() : List.copyOf(paths);
      exclude = exclude == null ? List.of() : List.copyOf(exclude);
    }
  }
}
