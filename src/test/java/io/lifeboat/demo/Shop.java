package io.lifeboat.demo;

import java.sql.SQLException;
import java.util.List;

/**
 * The database of a shop of some 300 MB, made by the server itself in a few seconds. Each order's
 * total is the sum of its items: a restored shop can be asked whether it still adds up.
 */
public final class Shop {
  /** Its database. */
  public static final String DATABASE = "shop";

  /** The role that Lifeboat connects as: it may replicate, and reads no table. */
  public static final String BACKUP_ROLE = "lifeboat";

  private final DemoServer server;

  /** A shop on this server. */
  public Shop(DemoServer server) {
    this.server = server;
  }

  /** Roles, database and empty tables. */
  public void create(String backupPassword) throws SQLException {
    server.execute(
        "postgres",
        List.of(
            "CREATE ROLE shop_app LOGIN",
            "CREATE ROLE " + BACKUP_ROLE + " LOGIN REPLICATION PASSWORD '" + backupPassword + "'",
            "CREATE DATABASE " + DATABASE + " OWNER shop_app",
            "GRANT CREATE ON DATABASE " + DATABASE + " TO " + BACKUP_ROLE));
    server.execute(DATABASE, TABLES);
  }

  /**
   * Fills it.
   *
   * @param percent of the demo's size: 100 makes some 300 MB
   */
  public void load(int percent) throws SQLException {
    int customers = 600 * percent;
    int products = 40 * percent;
    int orders = 2_500 * percent;
    server.execute(
        DATABASE,
        List.of(
            "SELECT setseed(0.42)",
            rows(CUSTOMERS, 1, customers),
            rows(PRODUCTS, 1, products),
            rows(ITEMS, 1, orders).replace("{products}", "" + products),
            rows(ORDERS, 1, orders).replace("{customers}", "" + customers),
            rows(PAYMENTS, 1, orders)));
    server.execute(DATABASE, CONSTRAINTS);
    server.execute(DATABASE, List.of("VACUUM (FREEZE, ANALYZE)", "CHECKPOINT"));
  }

  /**
   * What a day in the shop leaves behind: new customers and orders, some shipped, some repriced.
   */
  public void trade(int percent) throws SQLException {
    int customers = next("customers");
    int products = next("products") - 1;
    int first = next("orders");
    int last = first + 50 * percent - 1;
    server.execute(
        DATABASE,
        List.of(
            "SET session_replication_role = replica", // items come before the orders that sum them
            rows(CUSTOMERS, customers, customers + 5 * percent - 1),
            rows(ITEMS, first, last).replace("{products}", "" + products),
            rows(ORDERS, first, last).replace("{customers}", "" + customers),
            rows(PAYMENTS, first, last),
            "UPDATE orders SET status = 'shipped' WHERE status = 'paid' AND id > "
                + (first - 20 * percent),
            "UPDATE products SET price_cents = price_cents + 100 WHERE id <= " + percent));
  }

  /** A number for people: {@code 314 MB}. */
  public String size() throws SQLException {
    return server.ask("postgres", "SELECT pg_database_size('" + DATABASE + "') / 1000000 || ' MB'");
  }

  private int next(String table) throws SQLException {
    return Integer.parseInt(server.ask(DATABASE, "SELECT max(id) + 1 FROM " + table));
  }

  private static String rows(String statement, int first, int last) {
    return statement
        .replace("{price}", "(199 + product_id * 7919 % 50000)")
        .replace("{first}", "" + first)
        .replace("{last}", "" + last);
  }

  private static final String CUSTOMERS =
      """
      INSERT INTO customers
      SELECT id, (ARRAY['Ada','Grace','Edsger','Barbara','Alan','Radia','Ken','Frances'])[1 + id % 8]
               || ' ' || substr(md5(id::text), 1, 8),
             'c' || id || '@shop.example', (ARRAY['DE','FR','NL','PL','ES'])[1 + id % 5],
             timestamptz '2024-01-01 00:00:00+00' + id * interval '11 minutes',
             jsonb_build_object('newsletter', id % 3 = 0, 'segment', 's' || id % 11)
      FROM generate_series({first}, {last}) id\
      """;

  private static final String PRODUCTS =
      """
      INSERT INTO products
      SELECT product_id, 'SKU-' || lpad(product_id::text, 6, '0'),
             (ARRAY['Oak','Steel','Linen','Glass','Wool','Clay'])[1 + product_id % 6]
               || ' ' || (ARRAY['chair','lamp','table','vase','rug','shelf','mirror'])[1 + product_id % 7],
             repeat('Made by hand, packed with care. ', 1 + product_id % 9), {price},
             jsonb_build_object('weight_g', 100 + product_id * 37 % 9000,
                                'tags', jsonb_build_array('t' || product_id % 50, 't' || product_id % 7)),
             (SELECT string_agg(sha512(convert_to(product_id || ':' || part, 'UTF8')), '' ORDER BY part)
              FROM generate_series(1, 384) part)
      FROM generate_series({first}, {last}) product_id\
      """;

  private static final String ITEMS =
      """
      INSERT INTO order_items
      SELECT order_id, line_no, product_id, 1 + (order_id + line_no) % 3, {price}
      FROM (SELECT order_id, line_no, 1 + floor(random() * {products})::int AS product_id
            FROM generate_series({first}, {last}) order_id, generate_series(1, 1 + order_id % 5) line_no) drawn\
      """;

  private static final String ORDERS =
      """
      INSERT INTO orders
      SELECT order_id, 1 + floor(random() * {customers})::int,
             timestamptz '2025-01-01 00:00:00+00' + order_id * interval '2 minutes',
             (ARRAY['paid','shipped','delivered','delivered'])[1 + order_id % 4],
             sum(quantity * unit_cents),
             jsonb_build_object('street', md5('s' || order_id), 'zip', lpad((order_id * 13 % 100000)::text, 5, '0'))
      FROM order_items WHERE order_id BETWEEN {first} AND {last}
      GROUP BY order_id ORDER BY order_id\
      """;

  private static final String PAYMENTS =
      """
      INSERT INTO payments
      SELECT id, id, placed_at + interval '90 seconds', total_cents,
             jsonb_build_object('provider', (ARRAY['card','transfer','wallet'])[1 + id % 3],
                                'reference', md5('p' || id),
                                'risk', jsonb_build_object('score', id % 100, 'rules', jsonb_build_array('r' || id % 5, 'r' || id % 9)))
      FROM orders WHERE id BETWEEN {first} AND {last} ORDER BY id\
      """;

  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE customers (id bigint, name text NOT NULL, email text NOT NULL, country char(2) NOT NULL,
            joined_at timestamptz NOT NULL, profile jsonb NOT NULL)\
          """,
          """
          CREATE TABLE products (id bigint, sku text NOT NULL, title text NOT NULL, description text NOT NULL,
            price_cents bigint NOT NULL, attributes jsonb NOT NULL, image bytea NOT NULL)\
          """,
          "ALTER TABLE products ALTER image SET STORAGE EXTERNAL",
          """
          CREATE TABLE orders (id bigint, customer_id bigint NOT NULL, placed_at timestamptz NOT NULL,
            status text NOT NULL, total_cents bigint NOT NULL, shipping jsonb NOT NULL)\
          """,
          """
          CREATE TABLE order_items (order_id bigint, line_no int, product_id bigint NOT NULL,
            quantity int NOT NULL CHECK (quantity > 0), unit_cents bigint NOT NULL)\
          """,
          """
          CREATE TABLE payments (id bigint, order_id bigint NOT NULL, paid_at timestamptz NOT NULL,
            amount_cents bigint NOT NULL, provider jsonb NOT NULL)\
          """);

  private static final List<String> CONSTRAINTS =
      List.of(
          "ALTER TABLE customers ADD PRIMARY KEY (id), ADD UNIQUE (email)",
          "ALTER TABLE products ADD PRIMARY KEY (id), ADD UNIQUE (sku)",
          "ALTER TABLE orders ADD PRIMARY KEY (id)",
          "ALTER TABLE order_items ADD PRIMARY KEY (order_id, line_no)",
          "ALTER TABLE payments ADD PRIMARY KEY (id)",
          "CREATE INDEX ON orders (customer_id)",
          "CREATE INDEX ON orders (placed_at) WHERE status = 'paid'",
          "CREATE INDEX ON order_items (product_id)",
          "CREATE INDEX ON payments (order_id)",
          "CREATE INDEX ON products USING gin (attributes)",
          "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers",
          "ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders",
          "ALTER TABLE order_items ADD FOREIGN KEY (product_id) REFERENCES products",
          "ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders");
}
