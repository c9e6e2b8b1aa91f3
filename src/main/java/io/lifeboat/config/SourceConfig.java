package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
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
   * A PostgreSQL server, whole.
   *
   * @param url {@code postgresql://user@host:port/database?sslmode=…}; the database is where facts
   *     are asked and the canary is written
   * @param canary whether a row is written to the source before each backup (schema {@code
   *     lifeboat}); true by default
   * @param maxRate a {@link ByteAmount} at which the server sends at most, of 32 KiB to 1 GiB
   * @param incremental whether only what changed since an earlier snapshot may be read, where the
   *     server can tell; true by default
   */
  record Postgres(
      Optional<Mode> mode,
      String url,
      Optional<Secret> password,
      Optional<Boolean> canary,
      Optional<String> maxRate,
      Optional<Boolean> incremental)
      implements SourceConfig {
    /** How a server is read. */
    public enum Mode {
      /** The whole cluster, by the replication protocol. */
      physical
    }
  }

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
