package io.lifeboat.drill;

import io.lifeboat.drill.scratch.SqlOutcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * SQL that goes through a whole database on the server's side, one round trip for each, and answers
 * {@code objects, rows, sqlstate, message} with the first thing it stumbles over.
 */
final class StructureSql {
  /**
   * Reads every row of every table and materialized view, catalogs included, to its last detoasted
   * byte: {@code COPY} turns each value into text and throws it away. A foreign table's data is not
   * part of the backup; a temporary one belongs to a session that is gone.
   */
  static final String READ_TABLES =
      walk(
          "select format('copy (select * from only %s) to ''/dev/null''', c.oid::regclass) as"
              + " command, c.oid::regclass::text as name, true as usable from pg_catalog.pg_class c"
              + " where c.relkind in ('r', 'm') and c.relpersistence <> 't' and (c.relkind = 'r' or"
              + " c.relispopulated)");

  /**
   * Looks inside tables and B-tree indexes with {@code amcheck}. An index over text is only told to
   * be in order by the rules it was built with: where the scratch's C library sorts otherwise than
   * the source's did, or nobody knows, such an index is passed over.
   */
  static final String VERIFY_INSIDE =
      "create schema if not exists lifeboat_scratch;"
          + "create extension if not exists amcheck with schema lifeboat_scratch;"
          + walk(
              "select format('select * from %I.verify_heapam(%s::regclass) limit 1', n.nspname,"
                  + " c.oid) as command, c.oid::regclass::text as name, true as usable from"
                  + " pg_catalog.pg_class c, pg_catalog.pg_extension e join pg_catalog.pg_namespace"
                  + " n on n.oid = e.extnamespace where e.extname = 'amcheck' and c.relkind in"
                  + " ('r', 'm', 't') and c.relpersistence = 'p' and c.relam = 2 union all select"
                  + " format('select %I.bt_index_check(%s::regclass, true)', n.nspname, c.oid),"
                  + " c.oid::regclass::text, not exists (select from"
                  + " pg_catalog.unnest(i.indcollation) as used(oid)  join pg_catalog.pg_collation"
                  + " k on k.oid = used.oid  where k.collname not in ('C', 'POSIX', 'ucs_basic') "
                  + " and not (k.collprovider = 'd' and (d.datlocprovider = 'b'   or"
                  + " d.datlocprovider = 'c' and d.datcollate in ('C', 'POSIX')))  and"
                  + " coalesce(case when k.collprovider = 'd'   then pg_catalog.to_jsonb(d) ->>"
                  + " 'datcollversion' else k.collversion end, '?')   <>"
                  + " coalesce(pg_catalog.pg_collation_actual_version(k.oid), '!')) from"
                  + " pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid join"
                  + " pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'btree' cross join"
                  + " pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid ="
                  + " e.extnamespace cross join pg_catalog.pg_database d where e.extname ="
                  + " 'amcheck' and d.datname = pg_catalog.current_database() and i.indisvalid and"
                  + " i.indisready and c.relkind = 'i' and c.relpersistence = 'p'");

  private StructureSql() {}

  /**
   * What a walk found.
   *
   * @param objects how many it went through
   * @param rows how many rows it saw, or how many objects it passed over
   * @param refusal what stopped it
   */
  record Tally(long objects, long rows, Optional<SqlOutcome.Refused> refusal) {}

  static Tally tally(SqlOutcome.Rows found) {
    List<String> row = found.rows().getFirst().stream().map(v -> v.orElse("")).toList();
    Optional<SqlOutcome.Refused> refusal =
        row.get(2).isEmpty()
            ? Optional.empty()
            : Optional.of(new SqlOutcome.Refused(row.get(2), row.get(3)));
    return new Tally(Long.parseLong(row.get(0)), Long.parseLong(row.get(1)), refusal);
  }

  /** Runs each command that a query answers, and stops at the first that fails or finds damage. */
  private static String walk(String commands) {
    return String.format(
        Locale.ROOT,
        """
        do $lifeboat$
        declare
          item record;
          finding text;
          seen bigint;
          objects bigint := 0;
          total bigint := 0;
          state text := '';
          message text := '';
        begin
          for item in %s loop
            if not item.usable then
              total := total + 1;
              continue;
            end if;
            begin
              if item.command like 'copy%%' then
                execute item.command;
                get diagnostics seen = row_count;
                total := total + seen;
              else
                execute 'select x::text from (' || item.command || ') x' into finding;
                if finding like '(%%,%%' then
                  state := 'XX001';
                  message := item.name || ': ' || finding;
                  exit;
                end if;
              end if;
              objects := objects + 1;
            exception when others then
              state := sqlstate;
              message := item.name || ': ' || sqlerrm;
              exit;
            end;
          end loop;
          perform pg_catalog.set_config('lifeboat.tally',
            pg_catalog.json_build_array(objects, total, state, message)::text, false);
        end
        $lifeboat$;
        select t->>0, t->>1, t->>2, t->>3
        from (select pg_catalog.current_setting('lifeboat.tally')::json as t) tally
        """,
        commands);
  }
}
