package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.postgres.SourceCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A machine as an operator sets it up: a folder with a configuration, and Lifeboat run there. */
final class Node {
  private static final String LOCAL =
      """
      keys: { service: service.key, recovery: recovery-kit.txt }
      repositories:
        local: { store: { type: folder, path: store } }
      sources:
        docs: { type: files, paths: [docs] }
      plans:
        nightly: { source: docs, repository: local, drill: { scratch: process } }
      """;

  private final Path folder;
  private final Map<String, String> environment = new TreeMap<>(System.getenv());

  Node(Path folder) {
    this.folder = folder;
  }

  /** A node with a repository in its folder {@code store}, and a source {@code docs}. */
  static Node local(Path folder) throws IOException {
    var node = new Node(folder).configured(LOCAL);
    Files.createDirectories(node.path("docs"));
    return node;
  }

  /**
   * A service that takes care of one PostgreSQL server, in a repository in the folder {@code
   * store}.
   *
   * @param source the source; its plan is called {@code <source>-nightly}
   * @param more further keys of the source, each behind a comma
   * @param wal how its write-ahead log is taken
   */
  Node serving(String source, SourceCluster server, String more, String wal) throws IOException {
    return configured(
        """
        server:
          applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
          adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
          requestLog: { appenders: [] }
        logging: { level: WARN, loggers: { io.lifeboat.app.WalStreams: INFO } }
        keys: { recovery: recovery-kit.txt }
        repositories:
          local: { store: { type: folder, path: store } }
        sources:
          %s: { type: postgres, url: "%s", password: unused%s }
        plans:
          %s-nightly: { source: %s, repository: local, wal: %s }
        """
            .formatted(source, server.url("postgres"), more, source, source, wal));
  }

  /**
   * Restores a source's server as whoever runs this, who starts it then.
   *
   * @param target to what point
   */
  Path restored(String source, Path data, String... target) throws IOException {
    var arguments = new ArrayList<>(List.of("restore", "--source", source, "--no-owner"));
    arguments.addAll(List.of(target));
    arguments.addAll(List.of("--target", data.toString()));
    done(arguments.toArray(String[]::new));
    return data;
  }

  Node configured(String yaml) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(path("config.yml"), yaml);
    return this;
  }

  /** From here on commands have this in their environment. */
  Node with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /** Everything an object store of this folder holds, the spool files of dead writers left out. */
  List<Path> objects() throws IOException {
    try (Stream<Path> all = Files.walk(path("store"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Runs a command that must succeed, and answers what it said in JSON. */
  JsonNode done(String... arguments) throws IOException {
    InThisJvm.Ended ended = run(arguments);
    assertThat(ended.status()).as("%s%n%s", ended.out(), ended.err()).isZero();
    return new ObjectMapper().readTree(ended.out());
  }

  /** What `snapshots` lists, newest first. */
  JsonNode snapshots() throws IOException {
    return new ObjectMapper().readTree(run("snapshots").out());
  }

  /** Runs a command with this node's configuration and JSON answers. */
  InThisJvm.Ended run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.add("--json");
    if (!all.contains("--store")) {
      all.addAll(List.of("--config", path("config.yml").toString()));
    }
    return InThisJvm.run(environment, all.toArray(String[]::new));
  }

  /**
   * What a command failed with.
   *
   * @param whole all of standard error
   */
  record Failure(int status, String code, String message, String hint, String whole) {
    /** Requires this code, and a message that names these. */
    Failure is(ErrorCode expected, String... named) {
      assertThat(code).as(whole).isEqualTo(expected.name());
      assertThat(status).as(whole).isEqualTo(expected.kind().exitStatus());
      for (String name : named) {
        assertThat(message).contains(name);
      }
      return this;
    }

    /** Requires a hint that says these. */
    void hints(String... said) {
      assertThat(hint).contains(said);
    }
  }

  /** Runs a command that must fail, and requires that it fails in good form. */
  Failure refused(String... arguments) throws IOException {
    InThisJvm.Ended ended = run(arguments);
    return failure(ended.status(), ended.out(), ended.err());
  }

  static Failure failure(int status, String out, String err) throws IOException {
    assertThat(status).as("%s%n%s", out, err).isNotZero();
    assertThat(out).isEmpty();
    assertThat(err).doesNotContain("\tat ").doesNotContain("Caused by");
    JsonNode said = new ObjectMapper().readTree(err);
    assertThat(said.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("code", "message", "hint", "runbook");
    var failure =
        new Failure(
            status,
            said.path("code").asText(),
            said.path("message").asText(),
            said.path("hint").asText(),
            err);
    assertThat(failure.message()).isNotBlank();
    assertThat(failure.hint()).isNotBlank();
    assertThat(said.path("runbook").asText())
        .isEqualTo(ErrorCode.valueOf(failure.code()).runbook());
    return failure;
  }
}
