package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.WalSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table was dropped by mistake, and comes back as of just before: by one command, by one call.
 */
@Tag("slow")
class DroppedTableTest {
  private static final String ORDERS = "public.\"Orders\"";

  @TempDir Path folder;

  /** Makes a table, backs up, adds to it, and drops it; answers when it was still there. */
  private Instant drop(RecoverableShop shop) throws Exception {
    shop.server.sql(
        "CREATE TABLE "
            + ORDERS
            + " (id serial PRIMARY KEY, what text COLLATE \"C\" NOT NULL,"
            + " price numeric(8,2) DEFAULT 9.99, twice numeric GENERATED ALWAYS AS (price * 2)"
            + " STORED)",
        "INSERT INTO " + ORDERS + " (what) VALUES ('in the snapshot')");
    shop.backUp();
    shop.server.sql("INSERT INTO " + ORDERS + " (what, price) VALUES (E'tab\\there, \"ö\"', 2)");
    Instant before = shop.server.now();
    shop.server.sql("DROP TABLE " + ORDERS);
    shop.ship();
    return before;
  }

  @Test
  void itComesBackByOneCommandAndByOneCall() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      String before = drop(shop).toString();

      Path file = shop.path("orders.csv");
      String[] command = {
        "restore",
        "--source",
        "shop",
        "--database",
        "postgres",
        "--table",
        "Orders",
        "--at",
        before,
        "--target",
        file.toString()
      };
      JsonNode answer = shop.done(command);
      assertThat(answer.path("rows").asInt()).isEqualTo(2);
      assertThat(file)
          .content()
          .isEqualTo(
              "id,what,price,twice\n"
                  + "1,in the snapshot,9.99,19.98\n"
                  + "2,\"tab\there, \"\"ö\"\"\",2.00,4.00\n");
      shop.refused("TARGET_NOT_EMPTY", command);

      var service =
          new RunningService(
              settings -> new EngineCapabilities(Installation.of(settings)),
              shop.path("config.yml"));
      try (service) {
        String call =
            """
            {"source": "shop", "database": "postgres", "table": "Orders", "at": "%s",
             "into": "source", "as": "orders_restored"}
            """
                .formatted(before);
        var ended = service.ended(service.post("/v1/restores", call).text("/id"));
        assertThat(ended.text("/state")).as(ended.response().body()).isEqualTo("SUCCEEDED");
        assertThat(ended.body().at("/result/rows").asInt()).isEqualTo(2);
        assertThat(
                shop.server.ask(
                    "SELECT string_agg(what || price || twice, '|' ORDER BY id)"
                        + " FROM orders_restored"))
            .isEqualTo("in the snapshot9.9919.98|tab\there, \"ö\"2.004.00");
        shop.server.sql("INSERT INTO orders_restored (id, what) VALUES (3, 'goes on')");
        assertThat(shop.server.ask("SELECT price FROM orders_restored WHERE id = 3"))
            .isEqualTo("9.99");

        var again = service.ended(service.post("/v1/restores", call).text("/id"));
        assertThat(again.text("/error/code")).isEqualTo("TARGET_NOT_EMPTY");
        assertThat(shop.server.ask("SELECT count(*) FROM orders_restored")).isEqualTo("3");
        var elsewhere =
            service.post(
                "/v1/restores",
                call.replace("\"into\": \"source\"", "\"into\": \"postgresql://me@elsewhere/db\""));
        assertThat(elsewhere.status()).as(elsewhere.response().body()).isEqualTo(400);
      }
      assertThat(shop.done("wal", "--source", "shop").path("ranges")).hasSize(1);
    }
  }

  @Test
  void aWholeDatabaseComesBackAsADumpWhereThereIsPgDump() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/lib/postgresql/15/bin/pg_dump")));
    try (var shop =
        new RecoverableShop(WalSource.startInstalled(15, folder.resolve("server")), folder)) {
      String before = drop(shop).toString();
      Path file = shop.path("shop.sql");
      shop.done(
          "restore",
          "--source",
          "shop",
          "--database",
          "postgres",
          "--format",
          "sql",
          "--at",
          before,
          "--target",
          file.toString());
      assertThat(file).content().contains("CREATE TABLE " + ORDERS).contains("in the snapshot");

      JsonNode unknown =
          shop.refused(
              "PATH_UNKNOWN",
              "restore",
              "--source",
              "shop",
              "--database",
              "postgres",
              "--table",
              "orders",
              "--at",
              before,
              "--target",
              shop.path("none.csv").toString());
      assertThat(unknown.path("hint").asText()).contains("public.Orders");
      assertThat(shop.path("none.csv")).doesNotExist();
      assertThat(shop.path("none.csv.lifeboat-part")).doesNotExist();
    }
  }
}
