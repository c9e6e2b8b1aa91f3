package io.lifeboat.postgres.logical;

import java.util.List;
import java.util.Optional;

/**
 * What the rows of a dumped database are, as its folder's {@code 00-contents.json} says.
 *
 * @param tables every table whose rows were read, also those that had none
 * @param largeObjects how many there are
 */
public record DatabaseContents(List<Rows> tables, List<Sequence> sequences, long largeObjects) {
  /** Copies the lists. */
  public DatabaseContents {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
  }

  /**
   * A table.
   *
   * @param columns those that are stored, in the order of the rows' fields; generated ones are not
   *     among them
   * @param filter of an extension's own table, which rows are the database's: {@code WHERE …}
   * @param root where its rows are loaded, if not into itself: partitions by hash may lie elsewhere
   *     on another machine
   */
  public record Table(
      Name name, List<String> columns, Optional<String> filter, Optional<Name> root) {
    /** Copies the list. */
    public Table {
      columns = List.copyOf(columns);
    }

    /** Where its rows are loaded. */
    public Name target() {
      return root.orElse(name);
    }

    /** The same rows, loaded elsewhere. */
    public Table loadedInto(Name other) {
      return new Table(name, columns, filter, Optional.of(other));
    }

    /** {@code COPY … TO STDOUT}. */
    public String copyOut() {
      return filter.isEmpty()
          ? "COPY " + name.quoted() + columnList() + " TO STDOUT"
          : "COPY (SELECT "
              + selectList()
              + " FROM ONLY "
              + name.quoted()
              + " "
              + filter.get()
              + ") TO STDOUT";
    }

    /** {@code COPY … FROM STDIN}, or from what else is named there. */
    public String copyIn(String from) {
      return "COPY " + target().quoted() + columnList() + " FROM " + from;
    }

    /** PostgreSQL takes no empty list, and without one it means all that are not generated. */
    private String columnList() {
      return columns.isEmpty() ? "" : " (" + selectList() + ")";
    }

    private String selectList() {
      return String.join(", ", columns.stream().map(Name::quoted).toList());
    }
  }

  /**
   * A table's rows as they were read.
   *
   * @param folder its name in {@code 40-rows}
   * @param rows how many: what {@code COPY} has answered
   * @param parts how many files hold them
   */
  public record Rows(Table table, String folder, long rows, int parts) {}

  /**
   * Where a sequence stood.
   *
   * @param called whether {@code lastValue} has been given out
   */
  public record Sequence(Name name, long lastValue, boolean called) {
    /** A statement that puts it there again. */
    public String restore() {
      return "SELECT pg_catalog.setval("
          + Name.literal(name.quoted())
          + ", "
          + lastValue
          + ", "
          + called
          + ");";
    }
  }

  /** One JSON object in UTF-8. */
  public byte[] toJson() {
    return FactsJson.write(this);
  }

  /** Reads what {@link #toJson} wrote. */
  public static DatabaseContents fromJson(byte[] json) {
    return FactsJson.read(json, DatabaseContents.class, "a database's rows");
  }
}
