package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.Settings;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
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

  @Test
  void whatAnEarlierBuildHasKeptIsReadAndJoinedByWorkOnRepositories() throws Exception {
    String url = "jdbc:h2:file:" + folder.resolve("var/lifeboat");
    Flyway.configure().dataSource(url, "lifeboat", "").target("2").load().migrate();
    try (var connection = DriverManager.getConnection(url, "lifeboat", "");
        var statement = connection.createStatement()) {
      statement.execute(
          "insert into operation values ('op_1', 'BACKUP', 'nightly', 'docs', 'me', 'API',"
              + " 'RUNNING', 1, 2, null, null, null, null, null, null)");
    }
    try (var database = open()) {
      var store = new OperationStore(database.jdbi());
      var kept = store.find("op_1").orElseThrow();
      assertThat(kept.order().subject()).isEqualTo(new Operation.Subject.Source("docs"));
      assertThat(kept.state()).isEqualTo(OperationState.RUNNING);
      assertThatThrownBy(() ->
              database
                  .jdbi()
                  .useHandle(handle ->
                      handle.execute("update operation set repository = 'local', source = 'docs'")))
          .hasMessageContaining("OPERATION_HAS_ONE_SUBJECT");
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
