package io.lifeboat.restore;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.store.folder.FolderStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A PostgreSQL 15 server of Debian's with its programs, and a repository for its dumps. */
public final class DumpWorld implements AutoCloseable {
  /** Where Debian has the programs; the tests that need them are skipped where they are not. */
  public static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

  private final Path folder;
  private final SourceCluster server;
  private final FolderStore store;
  private final RepositoryFixture fixture;

  public DumpWorld(Path folder) throws Exception {
    this.folder = folder;
    this.server =
        SourceCluster.start(
            PostgresPrograms.read(PROGRAMS, "postgres"),
            Files.createDirectory(folder.resolve("server")));
    this.store = new FolderStore(folder.resolve("store"));
    this.fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  public static boolean isPossible() {
    return Files.isExecutable(PROGRAMS.resolve("pg_dump"))
        && Files.isExecutable(PROGRAMS.resolve("postgres"));
  }

  public SourceCluster server() {
    return server;
  }

  public RepositoryFixture repository() {
    return fixture;
  }

  /** A source as a configuration names it, read with Debian's programs. */
  public SourceConfig.Postgres source(PostgresAddress address, String... databases) {
    return source(address, PROGRAMS, Duration.ofSeconds(1), databases);
  }

  public SourceConfig.Postgres source(
      PostgresAddress address, Path programs, Duration patience, String... databases) {
    return new SourceConfig.Postgres(
        Optional.of(SourceConfig.Postgres.Mode.logical),
        "postgresql://" + address.user() + "@" + address.place() + "/" + address.database(),
        address.password(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new SourceConfig.Dump(
                List.of(databases),
                Optional.empty(),
                Optional.of(programs),
                Optional.of(patience))),
        Optional.empty());
  }

  public BackupResult backUp(SourceConfig source, Progress progress) {
    var ids = new SnapshotIds(Clock.systemUTC(), new SecureRandom());
    return new BackupEngine(ids, Clock.systemUTC())
        .run(
            new BackupEngine.Order(
                fixture.writer(), "nightly", "shop", source, List.of(), folder.resolve("cache")),
            progress);
  }

  /** Takes a snapshot of a database, as the superuser. */
  public BackupResult backUp(String database) {
    return backUp(source(server.address(database)), Progress.none());
  }

  public LoadOutcome load(String snapshot, PostgresAddress into, DatabaseTarget.Options options) {
    return load(snapshot, Optional.empty(), into, options);
  }

  public LoadOutcome load(
      String snapshot,
      Optional<String> name,
      PostgresAddress into,
      DatabaseTarget.Options options) {
    try (SnapshotReader reader = fixture.reader().read(snapshot)) {
      return new LoadEngine()
          .load(reader, name, new TargetDatabase(into), options, Progress.none());
    }
  }

  /**
   * What pg_dump says of a database, without what differs each time. Sorted: the partitions by hash
   * of an enumeration are others in each database.
   */
  public List<String> dumped(String database) throws Exception {
    return run(folder, "pg_dump", server.address(database), "--no-password")
        .lines()
        .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
        .sorted()
        .toList();
  }

  /** How many snapshots there are. */
  public int snapshots() {
    return fixture.reader().snapshots().size();
  }

  /** Runs one of Debian's programs. */
  public static String run(Path in, String program, PostgresAddress address, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve(program).toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().put("PGHOST", address.host());
    builder.environment().put("PGPORT", Integer.toString(address.port()));
    builder.environment().put("PGUSER", address.user());
    builder.environment().put("PGDATABASE", address.database());
    Path errors = Files.createTempFile("lifeboat-dump", ".log");
    try {
      Process process = builder.redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(command + " ended with " + status + ": " + Files.readString(errors));
      }
      return said;
    } finally {
      Files.delete(errors);
    }
  }

  @Override
  public void close() throws Exception {
    server.close();
    store.close();
  }
}
