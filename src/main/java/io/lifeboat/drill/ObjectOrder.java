package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.ObjectDestination.Format;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A database or a table that somebody wants back.
 *
 * @param id part of the names of what is made on the way
 * @param table empty for all of the database
 * @param scratch where a copy of the cluster recovers
 */
public record ObjectOrder(
    String id,
    String database,
    Optional<TableName> table,
    ObjectDestination destination,
    Place scratch) {
  /**
   * A scratch, as drills have it.
   *
   * @param kind docker if empty and an engine answers, else process
   */
  public record Place(Optional<ScratchKind> kind, Optional<String> image, Optional<Path> programs) {
    /** Whatever there is. */
    public static Place any() {
      return new Place(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** What is not said here, as it is said there. */
    public Place or(Place other) {
      return new Place(kind.or(other::kind), image.or(other::image), programs.or(other::programs));
    }
  }

  /** Refuses what cannot be done, before anything is. */
  public ObjectOrder {
    boolean rows =
        switch (destination) {
          case ObjectDestination.Server server -> true;
          case ObjectDestination.File file -> file.format() == Format.csv;
        };
    if (rows && table.isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "A whole database goes into a file that pg_restore or psql reads, and nowhere else",
          "Name a table, or a target file with the format 'custom' or 'sql'.");
    }
  }

  /** The same, with what is not said about the scratch as it is said there. */
  public ObjectOrder in(Place other) {
    return new ObjectOrder(id, database, table, destination, scratch.or(other));
  }

  /** Whether {@code pg_dump} writes it. */
  boolean needsDump() {
    return destination instanceof ObjectDestination.File file && file.format() != Format.csv;
  }
}
