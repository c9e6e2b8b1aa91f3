package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.postgres.SourceCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that cannot be backed up is told from a backup that failed: by name, with what mends it,
 * and no snapshot is listed. That a server below 15 is refused is shown where one can be scripted.
 */
@Tag("slow")
class BadDatabaseTest {
  @TempDir static Path servers;
  private static SourceCluster good;
  private static SourceCluster minimal;

  @TempDir Path folder;
  private Node node;

  @BeforeAll
  static void startServers() throws Exception {
    good = SourceCluster.start(Files.createDirectories(servers.resolve("good")), Map.of());
    good.sql(
        "CREATE ROLE backer LOGIN REPLICATION PASSWORD 'right'",
        "CREATE ROLE reader LOGIN PASSWORD 'right'");
    minimal =
        SourceCluster.start(
            Files.createDirectories(servers.resolve("minimal")),
            Map.of("wal_level", "minimal", "max_wal_senders", "0"));
  }

  @AfterAll
  static void stopServers() throws Exception {
    good.close();
    minimal.close();
  }

  @BeforeEach
  void makeRepository() throws Exception {
    node = new Node(folder);
    source(good.url("backer"));
    node.done("init");
  }

  @Test
  void anUnreachableServerIsNamedByItsAddress() throws Exception {
    int port = freePort();
    source("postgresql://backer@127.0.0.1:" + port + "/postgres");
    refused(ErrorCode.DATABASE_UNREACHABLE, "127.0.0.1:" + port).hints("url");
  }

  @Test
  void aWrongPasswordIsToldOfAndNotShown() throws Exception {
    source(good.url("backer"), "swordfish");
    Node.Failure failure = refused(ErrorCode.DATABASE_DENIED, "password", "'backer'");
    failure.hints("password");
    assertThat(failure.whole()).doesNotContain("swordfish");
  }

  @Test
  void aRoleWithoutReplicationIsToldTheSqlThatMendsIt() throws Exception {
    source(good.url("reader"));
    refused(ErrorCode.REPLICATION_ROLE_MISSING, "'reader'", "REPLICATION")
        .hints("ALTER ROLE \"reader\" REPLICATION;");
  }

  @Test
  void aWalLevelThatIsTooLowIsNamed() throws Exception {
    source(minimal.url("postgres"));
    refused(ErrorCode.WAL_LEVEL_TOO_LOW, "wal_level", "minimal").hints("wal_level");
  }

  @Test
  void whatCheckFindsIsTheSame() throws Exception {
    source(minimal.url("postgres"));
    var ended = node.run("check");
    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.out()).contains("wal_level");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void whatCouldBeBetterIsAdviceAndNoFailure() throws Exception {
    var states = new TreeMap<String, String>();
    for (JsonNode line : node.done("check")) {
      assertThat(line.at("/ok").asBoolean()).isEqualTo(line.at("/state").asText().equals("GOOD"));
      states.put(line.at("/id").asText(), line.at("/state").asText());
    }
    assertThat(states)
        .containsEntry("role", "GOOD")
        .containsEntry("summarize_wal", "COULD_BE_BETTER")
        .containsEntry("speed", "GOOD");
  }

  /** A backup that must fail, with nothing listed after it. */
  private Node.Failure refused(ErrorCode code, String... named) throws Exception {
    var objects = node.objects();
    Node.Failure failure = node.refused("backup", "nightly").is(code, named);
    assertThat(node.done("snapshots")).isEmpty();
    assertThat(node.objects()).containsAll(objects);
    assertThat(node.path("var/spool")).isEmptyDirectory();
    return failure;
  }

  private void source(String url) throws IOException {
    source(url, "right");
  }

  private void source(String url, String password) throws IOException {
    node.configured(
        """
        repositories:
          local: { store: { type: folder, path: store } }
        sources:
          shop: { type: postgres, mode: physical, url: "%s", password: "%s" }
        plans:
          nightly: { source: shop, repository: local }
        """
            .formatted(url, password));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
