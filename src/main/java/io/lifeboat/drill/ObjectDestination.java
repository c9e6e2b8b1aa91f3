package io.lifeboat.drill;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresAddress;
import java.nio.file.Path;
import java.util.Optional;

/** Where a database or table goes that was brought back. */
public sealed interface ObjectDestination {
  /** How it is written to a file. */
  enum Format {
    /** The rows of a table, with a line of names; needs no programs of PostgreSQL's. */
    csv,
    /** The text that {@code pg_dump} writes. */
    sql,
    /** The archive that {@code pg_restore} reads. */
    custom
  }

  /**
   * A file that is not there yet; or an existing folder, where it gets a name of its own.
   *
   * @param path absolute
   */
  record File(Path path, Format format) implements ObjectDestination {}

  /**
   * A server that runs: a table goes there under a name that is not taken.
   *
   * @param address with the database that it goes into
   */
  record Server(PostgresAddress address, TableName name) implements ObjectDestination {}

  /**
   * A file.
   *
   * @param format one of {@link Format}'s names; empty for what a table, or else a database, is
   *     usually wanted as
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  static ObjectDestination file(Path path, Optional<String> format, boolean isTable) {
    String name = format.orElse(isTable ? "csv" : "custom");
    for (Format one : Format.values()) {
      if (one.name().equals(name)) {
        return new File(path.toAbsolutePath().normalize(), one);
      }
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID,
        "There is no format '" + name + "'",
        "Give csv (a table's rows), sql, or custom (for pg_restore).");
  }

  /**
   * A table beside the original.
   *
   * @param as its name; empty for the original's with {@code _restored} behind it
   */
  static ObjectDestination beside(
      PostgresAddress address, TableName original, Optional<String> as) {
    return new Server(
        address, new TableName(original.schema(), as.orElse(original.table() + "_restored")));
  }

  /**
   * The server that a source is.
   *
   * @throws PermanentException with code {@code USAGE_INVALID} if it is none
   */
  static PostgresAddress serverOf(SourceConfig source, String database) {
    if (source instanceof SourceConfig.Postgres postgres) {
      return PostgresAddress.of(postgres).withDatabase(database);
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID,
        "The source is no PostgreSQL server",
        "A database or a table can be brought back of a PostgreSQL source only.");
  }
}
