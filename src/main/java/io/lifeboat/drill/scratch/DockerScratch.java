package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreTarget;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A container that has no network, no mounts and no rights. Files enter as one tar stream through
 * the engine's API, questions by running {@code psql} inside; so it works with an engine on another
 * machine, too.
 *
 * <pre>
 * /lifeboat/tree/data   the restored data directory    /lifeboat/tree/tablespaces/&lt;oid&gt;   its tablespaces
 * /lifeboat/conf        our settings and the socket    /lifeboat/conf/server.log
 * </pre>
 */
public final class DockerScratch implements PostgresScratch {
  private static final String TREE = "/lifeboat/tree";
  private static final String DATA = TREE + "/data";
  private static final String CONF = "/lifeboat/conf";
  private static final Attributes OURS = new Attributes(0600, 0, 0, "", "", Instant.EPOCH);
  private static final String LOG = CONF + "/server.log";

  private final ScratchLease lease;
  private final DockerEngine engine;
  private final String container;
  private final ContainerPrograms programs;
  private final String image;
  private final ClusterFacts cluster;
  private final List<Long> tablespaces;
  private Optional<ContainerClient> client = Optional.empty();

  DockerScratch(
      ScratchLease lease,
      DockerEngine engine,
      ContainerPrograms programs,
      String image,
      ScratchRequest request) {
    this.lease = lease;
    this.engine = engine;
    this.container = lease.id();
    this.programs = programs;
    this.image = image;
    this.cluster = request.facts();
    this.tablespaces = request.tablespaces();
  }

  @Override
  public ScratchFacts facts() {
    return new ScratchFacts("docker", "postgres " + programs.version(), image, "none", List.of());
  }

  @Override
  public RestoreTarget target() {
    return new ContainedTarget(tar("lifeboat/tree/"));
  }

  private TarTarget tar(String prefix) {
    return new TarTarget(
        prefix, programs.uid(), programs.gid(), stream -> engine.unpack(container, "/", stream));
  }

  @Override
  public ManifestFinding verifyManifest(Progress progress) {
    if (!programs.has("pg_verifybackup")) {
      return new ManifestFinding.NotChecked("the image has no pg_verifybackup");
    }
    linkTablespaces();
    List<String> command = new ArrayList<>(List.of(programs.path("pg_verifybackup"), "--quiet"));
    if (!programs.has("pg_waldump")) {
      command.add("--no-parse-wal");
    }
    command.addAll(List.of("--manifest-path=" + TREE + "/backup_manifest", DATA));
    DockerEngine.Output output = engine.run(container, command);
    return switch (output.status()) {
      case 0 -> new ManifestFinding.Sound("pg_verifybackup found every file as recorded");
      case 1 -> new ManifestFinding.Broken(output.err().lines().toList());
      default ->
          new ManifestFinding.NotChecked("pg_verifybackup ended with status " + output.status());
    };
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
    linkTablespaces();
    run("chmod", "700", DATA);
    run("rm", "-f", DATA + "/standby.signal", DATA + "/recovery.signal", DATA + "/postmaster.pid");
    var copy = new CopyPlace(cluster, CONF, CONF, recovery);
    Map<String, byte[]> files = new TreeMap<>(copy.files());
    // What the source's operators set there is for the source.
    files.put(DATA + "/postgresql.auto.conf", new byte[0]);
    if (recovery.isPresent()) {
      files.put(DATA + "/" + RecoverySettings.SIGNAL, new byte[0]);
    }
    if (!tablespaces.isEmpty()) {
      StringBuilder map = new StringBuilder();
      tablespaces.forEach(oid -> map.append(oid).append(' ').append(place(oid)).append('\n'));
      files.put(DATA + "/tablespace_map", map.toString().getBytes(StandardCharsets.UTF_8));
    }
    send(files);
    List<String> command =
        new ArrayList<>(
            List.of("sh", "-c", "exec \"$0\" \"$@\" >" + LOG + " 2>&1", programs.path("postgres")));
    command.addAll(copy.arguments(DATA));
    String server = engine.launch(container, command);
    var questions =
        new ContainerClient(
            engine, container, programs, CONF, cluster.server().bootstrapSuperuser());
    client = Optional.of(questions);
    return await(server, questions, patience, progress);
  }

  private Startup await(
      String server, ContainerClient questions, Duration patience, Progress progress) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      progress.checkCancelled();
      if (SqlFault.acceptsConnections(
          questions.query("template1", "select 1", Access.PLANNED, patience))) {
        return new Startup.Ready();
      }
      OptionalInt status = engine.statusOf(server);
      if (status.isPresent()) {
        return new Startup.Ended(status.getAsInt(), logTail());
      }
      pause();
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
    if (!programs.has("pg_dump")) {
      throw Extraction.noDump("in the image " + image);
    }
  }

  @Override
  public void dump(String database, List<String> options, OutputStream out) {
    requireDump();
    client
        .orElseThrow(() -> new IllegalStateException("the scratch server was not started"))
        .dump(database, options, out);
  }

  @Override
  public void close() {
    lease.release();
  }

  private void linkTablespaces() {
    for (long oid : tablespaces) {
      run("ln", "-sfn", place(oid), DATA + "/pg_tblspc/" + oid);
    }
  }

  private static String place(long oid) {
    return TREE + "/tablespaces/" + oid;
  }

  private void send(Map<String, byte[]> files) {
    try (TarTarget target = tar("")) {
      // What the engine itself made on the way would belong to root.
      target.directory(path("/lifeboat"), OURS);
      target.directory(path(CONF), OURS);
      files.forEach((name, bytes) -> {
        var path = RestorePath.root();
        for (String component : name.substring(1).split("/", -1)) {
          path = path.child(FileName.of(component));
        }
        try (var writer = target.file(path, node(path, bytes))) {
          writer.write(ByteBuffer.wrap(bytes));
          writer.complete();
        }
      });
      target.commit();
    }
  }

  private static RestorePath path(String absolute) {
    return new RestorePath(
        Arrays.stream(absolute.substring(1).split("/", -1)).map(FileName::of).toList());
  }

  private static Node.RegularFile node(RestorePath path, byte[] bytes) {
    return new Node.RegularFile(
        path.components().getLast(),
        OURS,
        new Content.Inline(bytes.length, List.of()),
        Optional.empty(),
        0);
  }

  private void run(String... command) {
    DockerEngine.Output output = engine.run(container, List.of(command));
    if (output.status() != 0) {
      throw new PermanentException(
          ErrorCode.SCRATCH_UNAVAILABLE,
          "In the scratch container, "
              + String.join(" ", command)
              + " ended with status "
              + output.status()
              + ": "
              + output.err().strip(),
          "Use an image of PostgreSQL's own; they have the usual programs.");
    }
  }

  private List<String> logTail() {
    return engine.run(container, List.of("tail", "-n", "15", LOG)).out().lines().toList();
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "The drill was interrupted while its server was starting",
          "Start it again.",
          e);
    }
  }
}
