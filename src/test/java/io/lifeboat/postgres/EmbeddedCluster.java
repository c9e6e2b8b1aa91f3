package io.lifeboat.postgres;

import io.lifeboat.config.Secret;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A real server in a folder. Its superuser is {@code postgres}; connections over loopback need a
 * password, except the superuser's.
 */
final class EmbeddedCluster implements AutoCloseable {
  private static final long START_SECONDS = 60;

  private final PostgresPrograms programs;
  private final Path data;
  private final Path log;
  private int port;
  private Optional<Process> server = Optional.empty();

  private EmbeddedCluster(PostgresPrograms programs, Path data, int port) {
    this.programs = programs;
    this.data = data;
    this.log = data.resolveSibling(data.getFileName() + ".log");
    this.port = port;
  }

  /** Creates a cluster with page checksums in {@code folder/data}. */
  static EmbeddedCluster create(PostgresPrograms programs, Path folder) throws Exception {
    return create(programs, folder, "--data-checksums");
  }

  /** Creates a cluster in {@code folder/data} with these options for {@code initdb}. */
  static EmbeddedCluster create(PostgresPrograms programs, Path folder, String... options)
      throws Exception {
    var cluster = new EmbeddedCluster(programs, folder.resolve("data"), freePort());
    var command =
        new ArrayList<String>(
            List.of(
                programs.initdb().toString(),
                "-D",
                cluster.data.toString(),
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
    command.addAll(List.of(options));
    run(command.toArray(String[]::new));
    Files.writeString(
        cluster.data.resolve("pg_hba.conf"),
        """
        host all         postgres 127.0.0.1/32 trust
        host replication postgres 127.0.0.1/32 trust
        host all         all      127.0.0.1/32 scram-sha-256
        host replication noline   127.0.0.1/32 reject
        host replication all      127.0.0.1/32 scram-sha-256
        """);
    return cluster;
  }

  /** A cluster that was made by somebody else, for instance by a restore. */
  static EmbeddedCluster existing(PostgresPrograms programs, Path data) throws IOException {
    return new EmbeddedCluster(programs, data, freePort());
  }

  /** Starts it on this port, and waits until it answers there. */
  EmbeddedCluster start(Map<String, String> settings, int otherPort) throws Exception {
    port = otherPort;
    return start(settings);
  }

  PostgresPrograms programs() {
    return programs;
  }

  /** Starts it, and waits until it answers. */
  EmbeddedCluster start(Map<String, String> settings) throws Exception {
    var arguments = new ArrayList<String>(List.of("-D", data.toString()));
    var all = new TreeMap<>(settings);
    all.putIfAbsent("listen_addresses", "127.0.0.1");
    all.putIfAbsent("port", Integer.toString(port));
    all.putIfAbsent("unix_socket_directories", "");
    all.putIfAbsent("fsync", "off");
    all.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
    return start(arguments, superuser());
  }

  /** Starts it with these arguments, and waits until it answers at this address. */
  EmbeddedCluster start(List<String> arguments, PostgresAddress address) throws Exception {
    var command = new ArrayList<>(unprivileged());
    command.add(programs.postgres().toString());
    command.addAll(arguments);
    server =
        Optional.of(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try {
        new PostgresServer(address).sql(connection -> PostgresServer.value(connection, "SELECT 1"));
        return this;
      } catch (LifeboatException e) {
        if (!server.get().isAlive() || System.nanoTime() > deadlineNanos) {
          throw new IOException("The server does not start: " + log(), e);
        }
        server.get().waitFor(50, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Waits until it is no standby, or no longer one. */
  void awaitRecovered() throws Exception {
    while (ask("SELECT pg_is_in_recovery()").equals("t")) {
      if (server.orElseThrow().waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new IOException("The server ended while it recovered: " + log());
      }
    }
  }

  Path data() {
    return data;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  PostgresAddress superuser() {
    return address("postgres", "unused");
  }

  PostgresAddress address(String user, String password) {
    return PostgresAddress.parse(
        "postgresql://" + user.replace(" ", "%20") + "@127.0.0.1:" + port + "/postgres",
        Optional.of(new Secret(password)));
  }

  /** Runs statements as the superuser, each for itself. */
  void sql(String... statements) {
    sql(superuser(), statements);
  }

  /** Runs statements, each for itself. */
  static void sql(PostgresAddress address, String... statements) {
    new PostgresServer(address)
        .applicationSql(connection -> {
          try (Statement statement = connection.createStatement()) {
            for (String text : statements) {
              statement.execute(text);
            }
          }
          return true;
        });
  }

  /** One value, as the superuser. */
  String ask(String query) {
    return ask(superuser(), query);
  }

  /** One value. */
  static String ask(PostgresAddress address, String query) {
    return new PostgresServer(address)
        .applicationSql(connection -> PostgresServer.value(connection, query))
        .orElse("");
  }

  /** Ends the server: {@code INT} for a fast shutdown, {@code QUIT} for one without any care. */
  void stop(String signal) throws Exception {
    if (server.isPresent() && server.get().isAlive()) {
      run("kill", "-" + signal, Long.toString(server.get().pid()));
      server.get().waitFor();
    }
  }

  @Override
  public void close() throws Exception {
    stop("INT");
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** PostgreSQL refuses root; in a user namespace of its own, it does not see that it is root. */
  private static List<String> unprivileged() {
    return System.getProperty("user.name").equals("root") ? List.of("unshare", "-U") : List.of();
  }

  static String run(String... command) throws Exception {
    var all = new ArrayList<>(command[0].equals("kill") ? List.<String>of() : unprivileged());
    all.addAll(List.of(command));
    Path output = Files.createTempFile("lifeboat-run", ".log");
    try {
      Process process =
          new ProcessBuilder(all)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
              .start();
      int status = process.waitFor();
      String said = Files.readString(output);
      if (status != 0) {
        throw new IOException(command[0] + " ended with " + status + ": " + said);
      }
      return said;
    } finally {
      Files.delete(output);
    }
  }
}
