package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BackupManifest;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.FolderVerification;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.postgres.RestoredCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.RestoreTarget;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Local PostgreSQL programs in a folder of their own: as an unprivileged user, in a process group
 * of their own, listening on a socket that nobody else can reach, in a network namespace without a
 * network. Where the machine gives none, its network is there, but nothing that the scratch is
 * configured to do uses it.
 *
 * <pre>
 * &lt;folder&gt;/tree/data          the restored data directory     /tree/tablespaces/&lt;oid&gt;   its tablespaces
 *          /tree/backup_manifest                                 /conf  our settings       /server.log
 * </pre>
 */
public final class ProcessScratch implements PostgresScratch {
  private static final int LOG_LINES = 15;
  private static final int SOCKET_PORT = 5432;
  private static final Duration CREATION = Duration.ofMinutes(3);
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final ScratchLease lease;
  private final Path folder;
  private final Path socketFolder;
  private final Path data;
  private final ScratchUser user;
  private final PostgresPrograms programs;
  private final ClusterFacts cluster;
  private final Map<Long, Path> tablespaces = new TreeMap<>();
  private final Function<Path, RestoreTarget> folderTargets;
  private boolean isNew;
  private Optional<Process> server = Optional.empty();
  private Optional<SocketClient> client = Optional.empty();

  ProcessScratch(
      ScratchLease lease,
      ScratchUser user,
      PostgresPrograms programs,
      ScratchRequest request,
      Function<Path, RestoreTarget> folderTargets) {
    this.lease = lease;
    this.folder = lease.folders().getFirst();
    this.socketFolder = lease.folders().get(1);
    this.data = folder.resolve("tree").resolve("data");
    this.user = user;
    this.programs = programs;
    this.cluster = request.facts();
    for (long oid : request.tablespaces()) {
      tablespaces.put(oid, folder.resolve("tree").resolve("tablespaces").resolve("" + oid));
    }
    this.folderTargets = folderTargets;
  }

  @Override
  public ScratchFacts facts() {
    return new ScratchFacts(
        "process",
        "postgres " + programs.version(),
        "",
        user.isOffNetwork() ? "none" : "private-socket",
        user.isOffNetwork()
            ? List.of()
            : List.of(
                "this machine gives a process no network namespace: the server listened on a"
                    + " private socket only, but could have reached the network"));
  }

  /**
   * Makes a new cluster where a restored one would be: what is loaded into it by SQL needs no files
   * of another.
   */
  void createCluster() {
    List<String> command =
        List.of(
            programs.initdb().toString(),
            "-D",
            data.toString(),
            "-U",
            cluster.server().bootstrapSuperuser(),
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync");
    try {
      Files.createDirectory(folder.resolve("tree"));
      user.own(folder);
      Process process =
          new ProcessBuilder(user.command(command))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log().toFile())
              .start();
      server = Optional.of(process);
      process.getOutputStream().close();
      if (!endedWithin(process, CREATION) || process.exitValue() != 0) {
        throw new PermanentException(
            ErrorCode.SCRATCH_UNAVAILABLE,
            "No new cluster could be made: " + String.join(" | ", logTail()),
            "Look at the work folder's space and rights.");
      }
      isNew = true;
    } catch (IOException e) {
      throw unavailable("make a cluster in " + folder, e);
    }
  }

  /** Where the superuser finds a database, once the server was started. */
  public PostgresAddress address(String database) {
    return PostgresAddress.socket(
        socketFolder, SOCKET_PORT, cluster.server().bootstrapSuperuser(), database);
  }

  @Override
  public RestoreTarget target() {
    return new ContainedTarget(folderTargets.apply(folder.resolve("tree")));
  }

  @Override
  public ManifestFinding verifyManifest(Progress progress) {
    try {
      byte[] manifest = Files.readAllBytes(folder.resolve("tree").resolve("backup_manifest"));
      BackupManifest recorded = BackupManifest.parse(manifest);
      List<String> problems =
          new FolderVerification(data, tablespaces).problems(recorded, progress);
      long sizesOnly = recorded.withoutHash();
      return problems.isEmpty()
          ? new ManifestFinding.Sound(
              "each restored file was read and is as recorded"
                  + (sizesOnly == 0 ? "" : ", of " + sizesOnly + " files the size alone"))
          : new ManifestFinding.Broken(problems);
    } catch (NoSuchFileException e) {
      return new ManifestFinding.Broken(List.of("the snapshot has no backup_manifest"));
    } catch (IOException e) {
      throw unavailable("read the manifest in " + folder, e);
    }
  }

  @Override
  public Startup start(Duration patience, Progress progress) {
    return start(Optional.empty(), patience, progress);
  }

  @Override
  public Startup recover(RecoverySettings recovery, Duration patience, Progress progress) {
    return start(Optional.of(recovery), patience, progress);
  }

  private Startup start(Optional<RecoverySettings> recovery, Duration patience, Progress progress) {
    var copy =
        new CopyPlace(
            cluster, folder.resolve("conf").toString(), socketFolder.toString(), recovery);
    try {
      prepare(copy, recovery.isPresent());
      List<String> command = new ArrayList<>(List.of(programs.postgres().toString()));
      command.addAll(copy.arguments(data.toString()));
      Process process =
          new ProcessBuilder(user.command(command))
              .directory(folder.toFile()) // where the janitor finds it from its first moment on
              .redirectErrorStream(true)
              .redirectOutput(log().toFile())
              .start();
      server = Optional.of(process);
      process.getOutputStream().close();
      var questions = new SocketClient(socketFolder, cluster.server().bootstrapSuperuser());
      client = Optional.of(questions);
      return await(process, questions, patience, progress);
    } catch (IOException e) {
      throw unavailable("start " + programs.postgres() + " in " + folder, e);
    }
  }

  private Startup await(
      Process process, SocketClient questions, Duration patience, Progress progress)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      progress.checkCancelled();
      if (SqlFault.acceptsConnections(
          questions.query("template1", "select 1", Access.PLANNED, patience))) {
        return new Startup.Ready();
      }
      if (endedWithin(process, Duration.ofMillis(100))) {
        return new Startup.Ended(process.exitValue(), logTail());
      }
    }
    return new Startup.TimedOut(logTail());
  }

  @Override
  public SqlOutcome query(String database, String sql, Access access, Duration limit) {
    return client
        .map(questions -> questions.query(database, sql, access, limit))
        .orElseThrow(() -> new IllegalStateException("the scratch server was not started"));
  }

  @Override
  public long copyOut(String database, String sql, OutputStream out) {
    return client
        .map(questions -> questions.copyOut(database, sql, out))
        .orElseThrow(() -> new IllegalStateException("the scratch server was not started"));
  }

  @Override
  public void requireDump() {
    if (programs.pgDump().isEmpty()) {
      throw Extraction.noDump("in " + programs.folder());
    }
  }

  @Override
  public void dump(String database, List<String> options, OutputStream out) {
    requireDump();
    List<String> command = new ArrayList<>(List.of(programs.pgDump().orElseThrow().toString()));
    command.addAll(
        List.of(
            "--host=" + socketFolder,
            "--port=5432",
            "--username=" + cluster.server().bootstrapSuperuser(),
            "--no-password"));
    command.addAll(options);
    Path said = folder.resolve("pg_dump.log");
    var builder =
        new ProcessBuilder(user.command(command))
            .directory(folder.toFile())
            .redirectError(said.toFile());
    builder.environment().put("PGDATABASE", database);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      try (InputStream dumped = process.getInputStream()) {
        dumped.transferTo(out);
      } finally {
        process.destroy();
      }
      if (!endedWithin(process, GRACE) || process.exitValue() != 0) {
        throw Extraction.refused("pg_dump: " + Files.readString(said).strip());
      }
    } catch (IOException e) {
      throw Extraction.failed(e);
    }
  }

  @Override
  public void close() {
    try {
      // Without clients this is as quick as a fast shutdown, and leaves no shared memory.
      server.ifPresent(Process::destroy);
      server.ifPresent(process -> endedWithin(process, GRACE));
    } finally {
      lease.release();
    }
  }

  private void prepare(CopyPlace copy, boolean recovers) throws IOException {
    if (!isNew) {
      new RestoredCluster(data).prepare(tablespaces);
    }
    Files.createDirectory(folder.resolve("conf"));
    for (var file : copy.files().entrySet()) {
      Files.write(Path.of(file.getKey()), file.getValue());
    }
    // What the source's operators set there is for the source.
    Files.write(data.resolve("postgresql.auto.conf"), new byte[0]);
    Files.deleteIfExists(data.resolve(RecoverySettings.STANDBY_SIGNAL));
    Files.deleteIfExists(data.resolve(RecoverySettings.SIGNAL));
    if (recovers) {
      Files.createFile(data.resolve(RecoverySettings.SIGNAL));
    }
    Files.write(log(), new byte[0]);
    user.own(folder);
    user.own(socketFolder);
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  private List<String> logTail() throws IOException {
    try (Stream<String> lines = Files.lines(log(), StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return all.subList(Math.max(0, all.size() - LOG_LINES), all.size());
    }
  }

  private static boolean endedWithin(Process process, Duration time) {
    try {
      return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "The drill was interrupted while its server was starting or stopping",
          "Start it again.",
          e);
    }
  }

  private static PermanentException unavailable(String verb, IOException e) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "Cannot " + verb + ": " + e.getMessage(),
        "Look at the work folder's space and rights.",
        e);
  }
}
