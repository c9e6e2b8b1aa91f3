package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.WalSource;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scratch copy that a lost table is taken out of is a container here. */
@Tag("docker")
class DroppedTableInDockerTest {
  private static final String IMAGE = "lifeboat/postgres:15";

  @TempDir Path folder;

  @Test
  void aTableAndItsDatabaseComeBackOutOfAContainer() throws Exception {
    try (var shop =
        new RecoverableShop(WalSource.startInstalled(15, folder.resolve("server")), folder)) {
      shop.server.sql("CREATE TABLE orders (id int PRIMARY KEY, what text)");
      shop.backUp();
      shop.server.sql("INSERT INTO orders VALUES (1, 'after the snapshot')");
      Instant before = shop.server.now();
      shop.server.sql("DROP TABLE orders");
      shop.ship();

      JsonNode table = shop.done(command(before, "orders.csv", "--table", "orders"));
      assertThat(table.path("rows").asInt()).isEqualTo(1);
      assertThat(shop.path("orders.csv")).content().isEqualTo("id,what\n1,after the snapshot\n");

      shop.done(command(before, "shop.sql", "--format", "sql"));
      assertThat(shop.path("shop.sql"))
          .content()
          .contains("CREATE TABLE public.orders")
          .contains("after the snapshot");

      JsonNode unknown =
          shop.refused("PATH_UNKNOWN", command(before, "none.csv", "--table", "purchases"));
      assertThat(unknown.path("hint").asText()).contains("public.orders");
      assertThat(shop.path("none.csv")).doesNotExist();
    }
  }

  private String[] command(Instant at, String target, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                "restore", "--source", "shop", "--database", "postgres", "--at", at.toString()));
    command.addAll(List.of("--scratch", "docker", "--image", IMAGE));
    command.addAll(List.of("--target", folder.resolve(target).toString()));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }
}
