package io.lifeboat.postgres.logical;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where things lie in a logical snapshot. Names sort in the order in which they are loaded.
 *
 * <pre>
 * README.txt              how to load it by hand
 * cluster/globals.sql     roles and tablespaces
 * databases/NAME/
 *   00-contents.json      {@link DatabaseContents}
 *   10-pre-data.sql       pg_dump: types, functions, tables, views
 *   20-large-objects.sql  large objects, owned and granted, without contents
 *   30-rows.sql           for psql: loads what is in 40-rows
 *   40-rows/000001/000001.copy …        a table's rows, as COPY writes them
 *   40-rows/large-objects/000001.copy … oid, position, bytes
 *   50-sequences.sql      where sequences stood
 *   60-post-data.sql      pg_dump: indexes, constraints, triggers, rules, policies
 * </pre>
 */
public final class LogicalLayout {
  /** How snapshots call this kind of source. */
  public static final String TYPE = "postgres-logical";

  public static final String README = "README.txt";
  public static final String CLUSTER = "cluster";
  public static final String GLOBALS = "globals.sql";
  public static final String DATABASES = "databases";
  public static final String CONTENTS = "00-contents.json";
  public static final String PRE_DATA = "10-pre-data.sql";
  public static final String LARGE_OBJECTS = "20-large-objects.sql";
  public static final String ROWS_SCRIPT = "30-rows.sql";
  public static final String ROWS = "40-rows";
  public static final String SEQUENCES = "50-sequences.sql";
  public static final String POST_DATA = "60-post-data.sql";
  public static final String LARGE_OBJECT_ROWS = "large-objects";

  private LogicalLayout() {}

  /** The folder of a database: its name, with percent signs where no file can have that name. */
  public static String folder(String database) {
    var folder = new StringBuilder();
    for (byte b : database.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '_'
              || b == '-'
              || b == '.' && !folder.isEmpty();
      if (plain) {
        folder.append((char) b);
      } else {
        folder.append(String.format(Locale.ROOT, "%%%02X", b & 0xFF));
      }
    }
    return folder.toString();
  }

  /** The folder of a table, or the name of a part without its ending. */
  public static String number(int number) {
    return String.format(Locale.ROOT, "%06d", number);
  }

  /** The name of a part. */
  public static String part(int number) {
    return number(number) + ".copy";
  }

  /** What a snapshot's README says. */
  public static String readme() {
    return """
    Databases of a PostgreSQL server, as Lifeboat has dumped them. `lifeboat load` loads them, in parallel, and compares
    the rows. By hand, with psql alone, in the folder databases/NAME:

      psql -X -f ../../cluster/globals.sql postgres     (roles; those that exist are errors that do not matter)
      createdb NAME
      psql -X -v ON_ERROR_STOP=1 -d NAME -f 10-pre-data.sql
      psql -X -v ON_ERROR_STOP=1 -d NAME -f 20-large-objects.sql
      psql -X -v ON_ERROR_STOP=1 -d NAME -f 30-rows.sql
      psql -X -v ON_ERROR_STOP=1 -d NAME -f 50-sequences.sql
      psql -X -v ON_ERROR_STOP=1 -d NAME -f 60-post-data.sql
      psql -X -d NAME -c ANALYZE

    00-contents.json says how many rows each table had, and which folder of 40-rows has them.
    """;
  }
}
