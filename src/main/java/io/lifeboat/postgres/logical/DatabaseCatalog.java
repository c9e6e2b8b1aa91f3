package io.lifeboat.postgres.logical;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.logical.DatabaseContents.Sequence;
import io.lifeboat.postgres.logical.DatabaseContents.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What a database says of itself on one connection. For one thread. */
public final class DatabaseCatalog {
  /** A schema of applications; {@code pg_} is the server's. */
  private static final String APPLICATION_SCHEMA =
      "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

  /** What an extension brings along by itself is not dumped, but its own data may be. */
  private static final String OF_EXTENSION =
      "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
          + " AND d.objid = c.oid AND d.deptype = 'e')";

  /** Tables (r) or sequences (S) whose contents are dumped, with the extension's condition. */
  private static final String DUMPED =
      " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " LEFT JOIN (SELECT unnest(extconfig) AS config, unnest(extcondition) AS filter"
          + " FROM pg_extension) e ON e.config = c.oid"
          + " WHERE (c.relpersistence = 'p' OR c.relpersistence = 'u' AND NOT pg_is_in_recovery())"
          + " AND "
          + APPLICATION_SCHEMA
          + " AND (e.config IS NOT NULL OR NOT "
          + OF_EXTENSION
          + ") AND c.relkind = ";

  /** Order: by name, so that small tables lie beside the same neighbours each time. */
  private static final String BY_NAME = " ORDER BY n.nspname, c.relname";

  private final PostgresServer server;
  private final Connection connection;

  DatabaseCatalog(PostgresServer server, Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  private List<List<String>> rows(String query) {
    try {
      return PostgresServer.rows(connection, query);
    } catch (SQLException e) {
      throw server.failure(e);
    }
  }

  /** The tables whose rows are dumped, by name. */
  public List<Table> tables() {
    List<List<String>> found =
        rows(
            "SELECT n.nspname, c.relname, e.filter, r.schema, r.name,"
                + " (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a"
                + " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                + " AND a.attgenerated = '')"
                + DUMPED.replace(
                    " WHERE",
                    // Partitions by hash: another machine's hash of the same value may differ.
                    " LEFT JOIN LATERAL (SELECT rn.nspname AS schema, rc.relname AS name"
                        + " FROM pg_class rc JOIN pg_namespace rn ON rn.oid = rc.relnamespace"
                        + " WHERE c.relispartition AND rc.oid = pg_partition_root(c.oid)"
                        + " AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) x"
                        + " JOIN pg_partitioned_table p ON p.partrelid = x.relid"
                        + " WHERE p.partstrat = 'h')) r ON true WHERE")
                + "'r'"
                + BY_NAME);
    var tables = new ArrayList<Table>(found.size());
    for (List<String> row : found) {
      List<String> columns =
          row.get(5).isEmpty()
              ? List.of()
              : FactsJson.read(row.get(5).getBytes(UTF_8), Columns.class, "columns");
      tables.add(
          new Table(
              new Name(row.get(0), row.get(1)),
              columns,
              Optional.of(row.get(2)).filter(text -> !text.isEmpty()),
              Optional.of(new Name(row.get(3), row.get(4)))
                  .filter(root -> !root.name().isEmpty())));
    }
    return tables;
  }

  /**
   * About what each table has on disk, in bytes, in the order of {@link #tables}. Asks each file's
   * size: a table that somebody locks would be waited for.
   */
  public List<Long> sizes() {
    return rows("SELECT pg_table_size(c.oid)" + DUMPED + "'r'" + BY_NAME).stream()
        .map(row -> row.getFirst().isEmpty() ? 0 : Long.parseLong(row.getFirst()))
        .toList();
  }

  /** Names of columns may hold anything: the server lists them as JSON. */
  private static final class Columns extends ArrayList<String> {
    private static final long serialVersionUID = 1;
  }

  /** Where each sequence stands. They do not go by snapshots: this is now, or a little later. */
  public List<Sequence> sequences() {
    var sequences = new ArrayList<Sequence>();
    for (List<String> row : rows("SELECT n.nspname, c.relname" + DUMPED + "'S'" + BY_NAME)) {
      var name = new Name(row.get(0), row.get(1));
      List<String> state = rows("SELECT last_value, is_called FROM " + name.quoted()).getFirst();
      sequences.add(new Sequence(name, Long.parseLong(state.get(0)), state.get(1).equals("t")));
    }
    return sequences;
  }

  /** How many large objects there are. */
  public long largeObjects() {
    return Long.parseLong(
        rows("SELECT count(*) FROM pg_largeobject_metadata").getFirst().getFirst());
  }

  /** Hears statements that make the large objects, without contents. */
  public void largeObjects(Consumer<String> statements) {
    String query =
        "SELECT format('SELECT pg_catalog.lo_create(''%s'');', m.oid)"
            + " || format(E'\\nALTER LARGE OBJECT %s OWNER TO %I;', m.oid,"
            + " pg_get_userbyid(m.lomowner))"
            + " || coalesce((SELECT string_agg(format(E'\\nGRANT %s ON LARGE OBJECT %s TO %s%s;',"
            + " a.privilege_type, m.oid, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE"
            + " quote_ident(pg_get_userbyid(a.grantee)) END,"
            + " CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '')"
            + " FROM aclexplode(m.lomacl) a WHERE a.grantee <> m.lomowner), '')"
            + " || coalesce(format(E'\\nCOMMENT ON LARGE OBJECT %s IS %L;', m.oid,"
            + " obj_description(m.oid, 'pg_largeobject')), '')"
            + " FROM pg_largeobject_metadata m ORDER BY m.oid";
    // Millions of them are usual where there are any: a cursor, not a list.
    try (Statement statement = connection.createStatement()) {
      statement.execute("DECLARE lifeboat_objects NO SCROLL CURSOR FOR " + query);
      boolean more = true;
      while (more) {
        more = false;
        try (ResultSet some = statement.executeQuery("FETCH FORWARD 1000 FROM lifeboat_objects")) {
          while (some.next()) {
            more = true;
            statements.accept(some.getString(1));
          }
        }
      }
      statement.execute("CLOSE lifeboat_objects");
    } catch (SQLException e) {
      throw server.failure(e);
    }
  }

  /** The facts of the database; the counts are the caller's. */
  public LogicalFacts.Database facts(String folder, long tables, long rows) {
    List<String> own =
        rows("SELECT current_database(), pg_encoding_to_char(encoding), datcollate, datctype,"
                + " datlocprovider, coalesce(to_jsonb(d) ->> 'datlocale',"
                + " to_jsonb(d) ->> 'daticulocale'),"
                + " to_char(transaction_timestamp() AT TIME ZONE 'UTC',"
                + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                + " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                + " ELSE pg_current_wal_lsn() END"
                + " FROM pg_database d WHERE datname = current_database()")
            .getFirst();
    return new LogicalFacts.Database(
        own.get(0),
        folder,
        new LogicalFacts.Properties(
            own.get(1),
            own.get(2),
            own.get(3),
            own.get(4),
            Optional.of(own.get(5)).filter(text -> !text.isEmpty())),
        extensions(),
        roles(),
        settings(),
        Instant.parse(own.get(6)),
        Lsn.parse(own.get(7)),
        tables,
        rows);
  }

  private List<Extension> extensions() {
    return rows("SELECT extname, extversion FROM pg_extension ORDER BY extname").stream()
        .map(row -> new Extension(row.get(0), row.get(1)))
        .toList();
  }

  /** The bootstrap superuser's ownership is not written down as a dependency. */
  private List<String> roles() {
    return rows(
            "SELECT r.rolname FROM pg_roles r WHERE r.oid IN ("
                + "SELECT refobjid FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND"
                + " dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) UNION"
                + " SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE "
                + APPLICATION_SCHEMA
                + " AND NOT "
                + OF_EXTENSION
                + ") AND r.rolname !~ '^pg_' ORDER BY r.rolname")
        .stream()
        .map(List::getFirst)
        .toList();
  }

  private List<LogicalFacts.Setting> settings() {
    return rows(
            "SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
                + " FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
                + " LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c"
                + " WHERE d.datname = current_database() AND (s.setrole = 0 OR r.oid IS NOT NULL)"
                + " ORDER BY 1 NULLS FIRST, 2")
        .stream()
        .map(row ->
            new LogicalFacts.Setting(
                Optional.of(row.get(0)).filter(role -> !role.isEmpty()), row.get(1), row.get(2)))
        .toList();
  }

  /** What is there and is not dumped, a sentence each. */
  public List<String> leftOut() {
    var sentences = new ArrayList<String>();
    long foreign =
        Long.parseLong(rows("SELECT count(*) FROM pg_foreign_table").getFirst().getFirst());
    if (foreign > 0) {
      sentences.add(
          "The rows of " + foreign + " foreign tables lie on other servers and are not dumped");
    }
    return sentences;
  }

  /** Tables and sequences that the role may not read, by name. */
  List<String> unreadable() {
    return names(
        "NOT has_schema_privilege(n.oid, 'USAGE') OR NOT CASE c.relkind WHEN 'S'"
            + " THEN has_sequence_privilege(c.oid, 'SELECT')"
            + " ELSE has_table_privilege(c.oid, 'SELECT') END");
  }

  /** Tables of which the role would see some rows only. */
  List<String> rowSecured() {
    return names("c.relkind = 'r' AND row_security_active(c.oid)");
  }

  private List<String> names(String condition) {
    return rows(
            "SELECT n.nspname || '.' || c.relname"
                + DUMPED.replace("c.relkind = ", "c.relkind IN ('r', 'S')")
                + " AND ("
                + condition
                + ")"
                + BY_NAME)
        .stream()
        .map(List::getFirst)
        .toList();
  }
}
