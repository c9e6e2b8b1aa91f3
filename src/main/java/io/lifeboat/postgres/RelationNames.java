package io.lifeboat.postgres;

import io.lifeboat.error.LifeboatException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a server which tables and indexes its files belong to. Thread-safe. */
final class RelationNames {
  private static final Logger LOG = LoggerFactory.getLogger(RelationNames.class);

  private final PostgresServer server;

  RelationNames(PostgresServer server) {
    this.server = server;
  }

  /** Names what can be named: a database may let nobody in, and a damaged catalog not answer. */
  List<DamagedPage> name(List<PageSuspects.Suspect> pages) {
    var named = new ArrayList<DamagedPage>();
    for (PageSuspects.Suspect page : pages) {
      RelationFile file = page.file();
      named.add(new DamagedPage(file.path().toString(), page.block(), name(file)));
    }
    return named;
  }

  private Optional<String> name(RelationFile file) {
    try {
      Optional<String> database = database(file.databaseOid());
      if (database.isEmpty()) {
        return Optional.empty();
      }
      var inside = new PostgresServer(server.address().withDatabase(database.get()));
      String fork = file.fork().isEmpty() ? "" : ", fork " + file.fork();
      return inside
          .sql(connection -> relation(connection, file))
          .map(name -> name + " in " + database.get() + fork);
    } catch (LifeboatException e) {
      LOG.warn("event=relation-not-named file={} reason={}", file.path(), e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<String> database(long oid) {
    if (oid == 0) {
      return Optional.of(server.address().database());
    }
    return server.sql(connection ->
        PostgresServer.value(
            connection, "SELECT datname FROM pg_database WHERE oid::text = ?", Long.toString(oid)));
  }

  private static Optional<String> relation(Connection connection, RelationFile file)
      throws SQLException {
    return PostgresServer.value(
        connection,
        "SELECT pg_filenode_relation(?::oid, ?::oid)::regclass",
        Long.toString(file.tablespaceOid()),
        Long.toString(file.fileNode()));
  }
}
