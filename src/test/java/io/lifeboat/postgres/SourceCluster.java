package io.lifeboat.postgres;

import io.lifeboat.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A real source for the tests of other packages, and base backups of it laid out as in a snapshot.
 */
public final class SourceCluster implements AutoCloseable {
  /** Behind everything that a server of these tests writes. */
  static final Lsn ANY_END = new Lsn(-1);

  private final EmbeddedCluster cluster;

  private SourceCluster(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  /** A running server of the embedded programs. */
  public static SourceCluster start(Path folder) throws Exception {
    return start(EmbeddedPrograms.unpacked(), folder);
  }

  /** A running server of the embedded programs with these settings. */
  public static SourceCluster start(Path folder, Map<String, String> settings) throws Exception {
    return start(EmbeddedCluster.create(EmbeddedPrograms.unpacked(), folder), settings);
  }

  /** The programs of each major version from this one on, the newest first. */
  public static List<PostgresPrograms> versionsSince(int major) throws Exception {
    return EmbeddedPrograms.ofEveryVersion().stream()
        .limit(EmbeddedPrograms.NEWEST_MAJOR - major + 1L)
        .toList();
  }

  /** The programs of one major version. */
  public static PostgresPrograms programsOf(int major) throws Exception {
    return EmbeddedPrograms.ofVersion(major);
  }

  /**
   * A running server of these programs that can tell what has changed, with checksums and the
   * smallest segments of WAL, each of which comes whole with a backup.
   */
  public static SourceCluster summarizing(
      PostgresPrograms programs, Path folder, Map<String, String> settings) throws Exception {
    var all = new TreeMap<>(settings);
    all.putIfAbsent("summarize_wal", "on");
    return start(
        EmbeddedCluster.create(programs, folder, "--data-checksums", "--wal-segsize=1"), all);
  }

  /** A running server of these programs. */
  public static SourceCluster start(PostgresPrograms programs, Path folder) throws Exception {
    return start(EmbeddedCluster.create(programs, folder), Map.of());
  }

  /** A running server of these programs with these settings. */
  public static SourceCluster start(
      PostgresPrograms programs, Path folder, Map<String, String> settings) throws Exception {
    return start(EmbeddedCluster.create(programs, folder), settings);
  }

  /** A running server of this major version with segments of this size. */
  public static SourceCluster start(
      int major, int segmentMegabytes, Path folder, Map<String, String> settings) throws Exception {
    PostgresPrograms programs = EmbeddedPrograms.ofVersion(major);
    return start(
        EmbeddedCluster.create(
            programs, folder, "--data-checksums", "--wal-segsize=" + segmentMegabytes),
        settings);
  }

  /** A running standby of this server, which keeps the newest WAL whatever happens. */
  public SourceCluster standby(Path folder) throws Exception {
    var copy = new FolderConsumer(folder);
    new BaseBackup(server()).run("for a standby", copy, Progress.none());
    Files.createFile(copy.data().resolve("standby.signal"));
    new RestoredCluster(copy.data()).prepare(Map.of());
    Files.writeString(
        copy.data().resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port="
            + cluster.superuser().port()
            + " user=postgres'\nwal_keep_size = 256MB\n",
        StandardOpenOption.APPEND);
    return start(EmbeddedCluster.existing(cluster.programs(), copy.data()), Map.of());
  }

  /** Starts it again, or for the first time on another port. */
  public void restart(int port) throws Exception {
    cluster.start(Map.of(), port);
  }

  /** Ends it: {@code INT} for a fast shutdown, {@code QUIT} for one without any care. */
  public void stop(String signal) throws Exception {
    cluster.stop(signal);
  }

  /** Where the superuser connects. */
  public PostgresServer server() {
    return new PostgresServer(cluster.superuser());
  }

  /** Its data directory. */
  public Path data() {
    return cluster.data();
  }

  /** A running server on a cluster that was made by somebody else, for instance by a restore. */
  public static SourceCluster restored(Path data) throws Exception {
    return restored(EmbeddedPrograms.unpacked(), data);
  }

  /** The same with these programs. */
  public static SourceCluster restored(PostgresPrograms programs, Path data) throws Exception {
    return start(EmbeddedCluster.existing(programs, data), Map.of());
  }

  /** Waits until its recovery has ended: until then it shows what was before. */
  public SourceCluster recovered() throws Exception {
    cluster.awaitRecovered();
    return this;
  }

  private static SourceCluster start(EmbeddedCluster cluster, Map<String, String> settings)
      throws Exception {
    try {
      return new SourceCluster(cluster.start(settings));
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  /** The embedded programs' folder. */
  public static Path programs() throws Exception {
    return EmbeddedPrograms.unpacked().folder();
  }

  /** How a configuration names it. */
  public String url(String user) {
    return "postgresql://" + user + "@" + cluster.superuser().place() + "/postgres";
  }

  public void sql(String... statements) {
    cluster.sql(statements);
  }

  /** Where the superuser connects. */
  public String url() {
    PostgresAddress address = cluster.superuser();
    return "postgresql://postgres@" + address.host() + ":" + address.port() + "/postgres";
  }

  /** Where a role connects to a database; it needs its password. */
  public PostgresAddress address(String role, String password, String database) {
    return cluster.address(role, password).withDatabase(database);
  }

  /** Where the superuser connects to a database. */
  public PostgresAddress address(String database) {
    return cluster.superuser().withDatabase(database);
  }

  /** Runs statements in a database as the superuser, each for itself. */
  public void sqlIn(String database, String... statements) {
    EmbeddedCluster.sql(address(database), statements);
  }

  /** One value out of a database. */
  public String askIn(String database, String query) {
    return EmbeddedCluster.ask(address(database), query);
  }

  public String ask(String query) {
    return cluster.ask(query);
  }

  /** Ends it as a fast shutdown does, and starts it with these settings. */
  public void restart(Map<String, String> settings) throws Exception {
    cluster.stop("INT");
    cluster.start(settings);
  }

  /** The truth of now, while nobody writes. */
  public TruthManifest truth() {
    var inspection = inspection();
    inspection.before();
    return inspection.after(ANY_END).orElseThrow();
  }

  private TruthInspection inspection() {
    return new TruthInspection(
        new PostgresServer(cluster.superuser()), TruthInspection.USUAL_BUDGET, Progress.none());
  }

  /** Writes {@code data/}, {@code tablespaces/<oid>/} and {@code backup_manifest}. */
  public ClusterFacts backUp(String id, Path folder) throws Exception {
    var server = new PostgresServer(cluster.superuser());
    ClusterFacts facts = new ClusterInspection(server).run();
    Optional<CanaryRow> canary = new Canary(server).write(id, warning -> {});
    TruthInspection truth = inspection();
    truth.before();
    BaseBackupResult result =
        new BaseBackup(server).run(id, new FolderConsumer(folder), Progress.none());
    Optional<TruthManifest> manifest = truth.after(result.stopLsn());
    Files.write(folder.resolve("backup_manifest"), result.manifest());
    Path tablespaces = folder.resolve("data.tablespaces");
    if (Files.exists(tablespaces)) {
      Files.move(tablespaces, folder.resolve("tablespaces"));
    }
    return facts.with(canary).with(result).withTruth(manifest);
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
