package io.lifeboat.drill;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** A table's name, as the catalog has it: no quotes, and letters as they are. */
public record TableName(String schema, String table) {
  private static final int LONGEST_BYTES = 63;

  /** Refuses what nothing can be called. */
  public TableName {
    if (Stream.of(schema, table)
        .anyMatch(name ->
            name.isEmpty()
                || name.indexOf('\0') >= 0
                || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_BYTES)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "No table can be called '" + schema + "." + table + "'",
          "A schema's and a table's name have 1 to 63 bytes each; give them without quotes.");
    }
  }

  /** As SQL has it. */
  String quoted() {
    return identifier(schema) + "." + identifier(table);
  }

  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text in SQL, whatever the server's settings are. */
  static String literal(String text) {
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  @Override
  public String toString() {
    return schema + "." + table;
  }
}
