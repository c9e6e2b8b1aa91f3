package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A table in a scratch copy. */
final class ScratchTable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int MOST_NAMES = 20;

  private final PostgresScratch scratch;
  private final String database;
  private final TableName name;

  ScratchTable(PostgresScratch scratch, String database, TableName name) {
    this.scratch = scratch;
    this.database = database;
    this.name = name;
  }

  /** The regclass of it, or null. */
  private String oid() {
    return "(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        + " WHERE n.nspname = "
        + TableName.literal(name.schema())
        + " AND c.relname = "
        + TableName.literal(name.table())
        + " AND c.relkind IN ('r', 'p', 'm', 'v', 'f'))";
  }

  /**
   * Makes sure that it is there.
   *
   * @throws PermanentException with code {@code PATH_UNKNOWN}
   */
  void require() {
    if (value("SELECT " + oid()).isEmpty()) {
      throw new PermanentException(
          ErrorCode.PATH_UNKNOWN,
          "Database " + database + " has no table " + name + " at that point in time",
          "It has these: "
              + value(
                      "SELECT string_agg(t, ', ') FROM (SELECT n.nspname || '.' || c.relname t FROM"
                          + " pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE"
                          + " c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND"
                          + " n.nspname <> 'information_schema' ORDER BY 1 LIMIT "
                          + MOST_NAMES
                          + ") x")
                  .orElse("none")
              + ".");
    }
  }

  /**
   * Its columns with their types, and what of defaults and rules does not depend on anything else,
   * as between the parentheses of {@code CREATE TABLE}. Keys, indexes and triggers are not in it.
   */
  String definition() {
    return value(
            "SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid,"
                + " a.atttypmod) || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' ||"
                + " quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END || CASE"
                + " WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || CASE WHEN a.attgenerated = ''"
                + " AND pg_get_expr(d.adbin, d.adrelid) !~ 'nextval' THEN ' DEFAULT ' ||"
                + " pg_get_expr(d.adbin, d.adrelid) ELSE '' END, ', ' ORDER BY a.attnum) FROM"
                + " pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON"
                + " d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_collation co ON"
                + " co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace"
                + " WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = "
                + oid())
        .orElse("");
  }

  /** Writes its rows; answers how many. */
  long copy(String options, OutputStream out) {
    return scratch.copyOut(
        database, "COPY (SELECT * FROM " + name.quoted() + ") TO STDOUT" + options, out);
  }

  private Optional<String> value(String sql) {
    return switch (scratch.query(database, sql, Access.OWN, LIMIT)) {
      case SqlOutcome.Rows rows ->
          rows.rows().stream().findFirst().map(List::getFirst).flatMap(one -> one);
      case SqlOutcome.Refused refused ->
          throw new PermanentException(
              refused.state().equals("3D000") ? ErrorCode.PATH_UNKNOWN : ErrorCode.RECOVERY_FAILED,
              "The recovered copy answers about " + database + ": " + refused.message(),
              "Name a database that there was at that point in time.");
    };
  }
}
