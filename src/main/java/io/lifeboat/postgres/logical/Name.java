package io.lifeboat.postgres.logical;

/** The name of something in a schema. */
public record Name(String schema, String name) {
  /** As SQL wants it. */
  public String quoted() {
    return quoted(schema) + "." + quoted(name);
  }

  /** An identifier as SQL wants it. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** A text as SQL wants it with {@code standard_conforming_strings}. */
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** For messages. */
  @Override
  public String toString() {
    return schema + "." + name;
  }
}
