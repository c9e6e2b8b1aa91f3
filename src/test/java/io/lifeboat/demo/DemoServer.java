package io.lifeboat.demo;

import io.lifeboat.postgres.PostgresPrograms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server on loopback, whose superuser {@code postgres} has a password. Everything is
 * asked for it by password, replication too.
 */
public final class DemoServer implements AutoCloseable {
  private static final long START_SECONDS = 120;

  private final PostgresPrograms programs;
  private final ServerUser user;
  private final Path data;
  private final int port;
  private final String password;
  private Optional<Process> server = Optional.empty();

  private DemoServer(
      PostgresPrograms programs, ServerUser user, Path data, int port, String password) {
    this.programs = programs;
    this.user = user;
    this.data = data;
    this.port = port;
    this.password = password;
  }

  /**
   * Creates a cluster with page checksums in a folder that does not exist.
   *
   * @param password the superuser's
   */
  public static DemoServer create(PostgresPrograms programs, Path data, int port, String password)
      throws IOException, InterruptedException {
    var created = new DemoServer(programs, ServerUser.choose(), data, port, password);
    Path secret =
        Files.createTempFile(
            data.toAbsolutePath().getParent(),
            "initdb",
            ".secret",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(secret, password + "\n");
      Files.createDirectory(data);
      created.user.own(secret);
      created.user.own(data);
      created.run(
          List.of(
              programs.initdb().toString(),
              "--pgdata=" + data,
              "--username=postgres",
              "--pwfile=" + secret,
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C",
              "--data-checksums",
              "--no-sync"));
    } finally {
      Files.delete(secret);
    }
    return created;
  }

  /** A cluster that a restore made, with the password that its original had. */
  public static DemoServer restored(PostgresPrograms programs, Path data, int port, String password)
      throws IOException {
    var restored = new DemoServer(programs, ServerUser.choose(), data, port, password);
    restored.user.own(data);
    return restored;
  }

  /** A port that nobody listens on now. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * Starts it, and waits until it answers. Nothing survives a crash of the machine: its data are
   * thrown away soon.
   */
  public DemoServer start() throws IOException, InterruptedException {
    var command =
        new ArrayList<String>(List.of(programs.postgres().toString(), "-D", data.toString()));
    for (String setting :
        List.of(
            "listen_addresses=127.0.0.1",
            "port=" + port,
            "unix_socket_directories=",
            "fsync=off",
            "synchronous_commit=off",
            "autovacuum=off",
            "shared_buffers=192MB",
            "work_mem=48MB",
            "maintenance_work_mem=128MB",
            "max_wal_size=2GB",
            "jit=off")) {
      command.addAll(List.of("-c", setting));
    }
    Process process =
        new ProcessBuilder(user.command(command))
            .directory(data.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    server = Optional.of(process);
    process.getOutputStream().close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try (Connection connection = connect("postgres")) {
        if (connection.isValid(10)) {
          return this;
        }
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException("The server in " + data + " does not start: " + lastWords(), e);
        }
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
  }

  /** Connects as the superuser. */
  public Connection connect(String database) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "10");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
  }

  /** Runs statements in a database, each for itself. */
  public void execute(String database, List<String> statements) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  /** One value. */
  public String ask(String database, String query) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** Its data directory. */
  public Path data() {
    return data;
  }

  /** Ends the server, without waiting for its clients. */
  public void stop() throws IOException, InterruptedException {
    if (server.isPresent() && server.get().isAlive()) {
      // The shell's own kill: a small system has no program of that name.
      new ProcessBuilder("sh", "-c", "kill -INT \"$0\"", Long.toString(server.get().pid()))
          .start()
          .waitFor();
      if (!server.get().waitFor(30, TimeUnit.SECONDS)) {
        server.get().destroyForcibly().waitFor();
      }
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    stop();
  }

  private Path log() {
    return data.resolveSibling(data.getFileName() + ".log");
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  private void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(user.command(command))
            .directory(data.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(command.getFirst() + " failed: " + lastWords());
    }
  }
}
