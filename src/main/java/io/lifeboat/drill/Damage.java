package io.lifeboat.drill;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A way in which a backup can be bad. A negative control is a drill of a copy that was damaged so
 * on purpose: it must end as FAIL, by the check that is there for it.
 */
public enum Damage {
  /** An object of the snapshot ends early. */
  TRUNCATED_OBJECT(Kind.OBJECT, Sources.ALL, BuiltInCheck.OBJECTS),
  /** One bit of an object of the snapshot is another. */
  FLIPPED_BIT(Kind.OBJECT, Sources.ALL, BuiltInCheck.OBJECTS),
  /** The recovery identity at hand is not one that the backup was made for. */
  WRONG_KEY(Kind.KEY, Sources.ALL, BuiltInCheck.KEYS),
  /** The newest point that can be brought back is older than the plan allows. */
  STALE(Kind.AGE, Sources.ALL, BuiltInCheck.FRESH),
  /** The files are of another major version than the snapshot says. */
  WRONG_MAJOR(Kind.CONTENT, Sources.CLUSTERS, BuiltInCheck.MANIFEST),
  /** A table is not there. */
  MISSING_TABLE(Kind.CONTENT, Sources.CLUSTERS, BuiltInCheck.COUNTS),
  /** A table has lost all its rows. */
  EMPTY_TABLE(Kind.CONTENT, Sources.CLUSTERS, BuiltInCheck.COUNTS),
  /** A table has a row more than the source had. */
  EXTRA_ROW(Kind.CONTENT, Sources.CLUSTERS, BuiltInCheck.COUNTS),
  /** A file is not there. */
  MISSING_FILE(Kind.CONTENT, Sources.TREES, BuiltInCheck.FILES),
  /** A file has lost all its bytes. */
  EMPTY_FILE(Kind.CONTENT, Sources.TREES, BuiltInCheck.FILES),
  /** There is a file that the source did not have. */
  EXTRA_FILE(Kind.CONTENT, Sources.TREES, BuiltInCheck.FILES);

  /** What is damaged. */
  public enum Kind {
    /** What the store hands out: the snapshot is opened over {@link DamagedStore}. */
    OBJECT,
    /** The keys: the snapshot is opened with others. */
    KEY,
    /** The clock's distance. */
    AGE,
    /** What was restored, before anything looks at it. */
    CONTENT
  }

  private enum Sources {
    CLUSTERS,
    TREES,
    ALL;

    boolean have(String type) {
      return switch (this) {
        case CLUSTERS -> type.equals("postgres");
        case TREES -> type.equals("files");
        case ALL -> true;
      };
    }
  }

  private final Kind kind;
  private final Sources sources;
  private final BuiltInCheck found;

  Damage(Kind kind, Sources sources, BuiltInCheck found) {
    this.kind = kind;
    this.sources = sources;
    this.found = found;
  }

  /** What is damaged. */
  public Kind kind() {
    return kind;
  }

  /** The id of the check that must find it. */
  public String check() {
    return found.id();
  }

  /** Whether a drill goes far enough to find it. */
  public boolean concerns(DrillRequest request) {
    return request.reaches(found.level());
  }

  /** As it is written in commands and results: {@code flipped-bit}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Those that a snapshot of this type can have. */
  public static List<Damage> of(String sourceType) {
    return Stream.of(values()).filter(damage -> damage.sources.have(sourceType)).toList();
  }
}
