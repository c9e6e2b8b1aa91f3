package io.lifeboat.acceptance;

import io.lifeboat.postgres.SourceCluster;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A small shop with rows of many types, and a digest of every table. */
final class Database {
  private Database() {}

  static void plant(SourceCluster server, int orders) {
    server.sql(
        "CREATE TABLE customers_zebra (id int PRIMARY KEY, name text NOT NULL, notes jsonb)",
        "CREATE TABLE orders_walrus (id bigserial PRIMARY KEY,"
            + " customer int NOT NULL REFERENCES customers_zebra, at timestamptz NOT NULL,"
            + " total numeric(12,2), photo bytea)",
        "CREATE INDEX orders_by_time_walrus ON orders_walrus (at)",
        "INSERT INTO customers_zebra SELECT n, 'Wilhelmina Quagga ' || n,"
            + " jsonb_build_object('favourite', 'marzipan-tapir-' || n)"
            + " FROM generate_series(1, 500) n",
        "INSERT INTO orders_walrus (customer, at, total, photo)"
            + " SELECT 1 + n % 500, timestamptz '2026-01-01' + n * interval '7 seconds',"
            + " n * 1.01, decode(md5(n::text), 'hex') FROM generate_series(1, "
            + orders
            + ") n",
        "CREATE ROLE accountant_okapi LOGIN",
        "GRANT SELECT ON orders_walrus TO accountant_okapi",
        "CHECKPOINT");
  }

  /** For each table, how many rows, and a digest over all of them. */
  static Map<String, String> digests(SourceCluster server) {
    Map<String, String> digests = new TreeMap<>();
    String tables =
        server.ask("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'");
    Arrays.stream(tables.split(","))
        .forEach(table ->
            digests.put(
                table,
                server.ask(
                    "SELECT count(*) || ' ' || md5(string_agg(t::text, E'\\n' ORDER BY t::text))"
                        + " FROM "
                        + table
                        + " t")));
    digests.put("roles", server.ask("SELECT string_agg(rolname, ',' ORDER BY 1) FROM pg_roles"));
    return digests;
  }
}
