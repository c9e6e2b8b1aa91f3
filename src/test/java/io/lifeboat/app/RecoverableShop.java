package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.postgres.WalSource;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server, a repository with its snapshots and its write-ahead log, and commands run on them. */
final class RecoverableShop implements AutoCloseable {
  private final Path folder;
  final WalSource server;
  private final ObjectMapper mapper = new ObjectMapper();

  RecoverableShop(int major, Path folder) throws Exception {
    this(WalSource.start(major, folder.resolve("server")), folder);
  }

  RecoverableShop(WalSource server, Path folder) throws Exception {
    this.folder = folder;
    this.server = server;
    Files.writeString(
        folder.resolve("config.yml"),
        """
        server:
          applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
          adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
          requestLog: { appenders: [] }
        logging: { level: WARN }
        keys: { service: service.key, recovery: recovery-kit.txt }
        repositories:
          local: { store: { type: folder, path: store } }
        sources:
          shop: { type: postgres, url: "%s", password: unused }
        plans:
          shop-nightly:
            source: shop
            repository: local
            drill: { scratch: process, programs: "%s" }
        """
            .formatted(server.url(), server.programs()));
    done("init");
  }

  JsonNode done(String... arguments) throws Exception {
    InThisJvm.Ended ended = run(arguments);
    assertThat(ended.status()).as(ended.err()).isZero();
    return mapper.readTree(ended.out());
  }

  JsonNode refused(String code, String... arguments) throws Exception {
    InThisJvm.Ended ended = run(arguments);
    assertThat(ended.status()).as(ended.out()).isNotZero();
    JsonNode error = mapper.readTree(ended.err().lines().toList().getLast());
    assertThat(error.path("code").asText()).as(ended.err()).isEqualTo(code);
    return error;
  }

  private InThisJvm.Ended run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", folder.resolve("config.yml").toString(), "--json"));
    return InThisJvm.run(Map.of(), all.toArray(String[]::new));
  }

  /** Restores to a folder below and gives its files to whom the server runs as. */
  JsonNode restore(String target, String... arguments) throws Exception {
    var all =
        new ArrayList<>(
            List.of(
                "restore", "--source", "shop", "--no-owner", "--target", path(target).toString()));
    all.addAll(List.of(arguments));
    return done(all.toArray(String[]::new));
  }

  JsonNode restoreRefused(String code, String... arguments) throws Exception {
    var all =
        new ArrayList<>(
            List.of("restore", "--source", "shop", "--target", path("refused").toString()));
    all.addAll(List.of(arguments));
    return refused(code, all.toArray(String[]::new));
  }

  String backUp() throws Exception {
    return done("backup", "shop-nightly").path("snapshot").asText();
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /** Stores what the server has flushed since the last time. */
  List<WalPiece> ship() throws Exception {
    try (OpenRepositories repositories = open()) {
      return server.ship(archive(repositories).writer());
    }
  }

  /** Stores what a copy has on a timeline, and its history. */
  List<WalPiece> ship(WalSource.EmbeddedClusterCopy copy, Path data, int timeline)
      throws Exception {
    String history = "%08X.history".formatted(timeline);
    try (OpenRepositories repositories = open()) {
      var writer = archive(repositories).writer();
      writer.storeHistory(timeline, Files.readAllBytes(data.resolve("pg_wal").resolve(history)));
      return WalSource.shipAll(copy, writer, timeline);
    }
  }

  private OpenRepositories open() {
    return new OpenRepositories(
        Installation.of(ConfigurationFile.read(folder.resolve("config.yml"), Map.of()).settings()),
        new SecureRandom(),
        Clock.systemUTC());
  }

  private WalArchive archive(OpenRepositories repositories) {
    return repositories.getForWriting("local").walOf("shop", server.systemIdentifier());
  }

  /** Where a piece lies in the store. */
  Path object(WalPiece piece) throws Exception {
    String end =
        "%08x/%016x/%08x-%08x"
            .formatted(piece.timeline(), piece.segment(), piece.from(), piece.to());
    try (var all = Files.walk(folder.resolve("store").resolve("w"))) {
      return all.filter(file -> file.toString().endsWith(end)).findFirst().orElseThrow();
    }
  }

  String read(String file) throws Exception {
    return Files.readString(path(file), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    server.close();
  }
}
