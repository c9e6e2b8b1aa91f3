package io.lifeboat.postgres;

/**
 * The questions that are put to a source and, word for word, to a copy of it. What they call is in
 * {@code pg_catalog}; nothing that the databases' owners can define is run.
 */
public final class TruthSql {
  /** Without these the same row is not the same text everywhere. */
  public static final String SESSION =
      "SET datestyle = 'ISO'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';"
          + " SET bytea_output = 'hex'; SET extra_float_digits = 1; SET lc_monetary = 'C';"
          + " SET quote_all_identifiers = off; SET row_security = off;";

  /** An expression over {@code pg_roles r}. */
  public static final String ROLE_ATTRIBUTES =
      "concat_ws(' ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END,"
          + " CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,"
          + " CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,"
          + " CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,"
          + " CASE WHEN r.rolcanlogin THEN 'LOGIN' END,"
          + " CASE WHEN r.rolreplication THEN 'REPLICATION' END,"
          + " CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,"
          + " CASE WHEN r.rolconnlimit >= 0 THEN 'CONNECTION LIMIT ' || r.rolconnlimit END)";

  private TruthSql() {}

  /**
   * Answers one row of count and digest. The digest is the sum of all rows' hashes, so that their
   * order does not matter; {@code record_out} and not a cast to text, since a table's owner may
   * define what a cast does.
   *
   * @param withDigest otherwise the digest is null
   */
  public static String count(String schema, String name, boolean withDigest) {
    String digest =
        withDigest
            ? "coalesce(sum(hashtextextended(record_out(lifeboat_row)::text COLLATE \"C\", 0)),"
                + " 0)::text"
            : "NULL::text";
    return "SELECT count(*)::text, " + digest + " FROM ONLY " + table(schema, name);
  }

  /** Answers the greatest value of a column, as text. */
  public static String newest(String schema, String name, String column) {
    return "SELECT max(" + identifier(column) + ")::text FROM ONLY " + table(schema, name);
  }

  /** Answers the greatest value, and whether it lies within the bounds. */
  public static String newest(TruthManifest.Relation relation, TruthManifest.Newest newest) {
    String max = "max(" + identifier(newest.column()) + ")";
    return "SELECT "
        + max
        + "::text, ("
        + max
        + " BETWEEN "
        + literal(newest.low())
        + " AND "
        + literal(newest.high())
        + ")::text FROM ONLY "
        + table(relation.schema(), relation.name());
  }

  private static String table(String schema, String name) {
    return identifier(schema) + "." + identifier(name) + " AS lifeboat_row";
  }

  private static String identifier(String name) {
    return ConnectionFailures.quoted(name);
  }

  /** A text as SQL wants it, whatever a database says of backslashes. */
  public static String literal(String text) {
    return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
