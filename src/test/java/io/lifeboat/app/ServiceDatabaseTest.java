package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceDatabaseTest {
  @TempDir Path folder;

  @Test
  void aThreadThatIsInterruptedWhileItWritesDoesNotTakeTheDatabaseAway() throws Exception {
    try (var database = open()) {
      var thread =
          new Thread(() -> {
            Thread.currentThread().interrupt();
            insert(database, "a");
          });
      thread.start();
      thread.join();
      insert(database, "b");
    }
    try (var database = open()) {
      List<String> ids =
          database
              .jdbi()
              .withHandle(handle ->
                  handle
                      .createQuery("select id from access_token order by id")
                      .mapTo(String.class)
                      .list());
      assertThat(ids).containsExactly("a", "b");
    }
  }

  private ServiceDatabase open() {
    return ServiceDatabase.open(
        new Settings.Database(
            "jdbc:h2:file:" + folder.resolve("var/lifeboat"), Optional.empty(), Optional.empty()));
  }

  private static void insert(ServiceDatabase database, String id) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute("insert into access_token values (?, ?, ?, ?)", id, id, id, 1));
  }
}
