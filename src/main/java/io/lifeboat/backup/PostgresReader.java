package io.lifeboat.backup;

import io.lifeboat.config.ByteAmount;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.postgres.BackupManifest;
import io.lifeboat.postgres.BackupParent;
import io.lifeboat.postgres.BaseBackup;
import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.postgres.BaseBackupResult;
import io.lifeboat.postgres.Canary;
import io.lifeboat.postgres.CanaryRow;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.ClusterInspection;
import io.lifeboat.postgres.CombinedManifest;
import io.lifeboat.postgres.FileFacts;
import io.lifeboat.postgres.PageDamage;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCheck;
import io.lifeboat.postgres.TruthInspection;
import io.lifeboat.postgres.TruthManifest;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a PostgreSQL cluster by a base backup. The snapshot's tree has {@code data/}, {@code
 * tablespaces/<oid>/} and {@code backup_manifest}; every file is held against the server's manifest
 * before the snapshot is committed.
 */
final class PostgresReader implements SourceReader {
  /** The tag of snapshots whose source had damaged pages. */
  private static final String DAMAGED = "damaged-source";

  private final PostgresServer server;
  private final boolean withCanary;
  private final boolean mayBeIncremental;
  private final OptionalLong maxBytesPerSecond;
  private final Duration truthBudget;
  private final String snapshot;
  private final Repository repository;
  private final ParentCache cache;
  private Runnable remember = () -> {};

  /**
   * A reader for one backup.
   *
   * @param snapshot the id of the snapshot that it will be
   */
  PostgresReader(SourceConfig.Postgres config, BackupEngine.Order order, String snapshot) {
    this.server = new PostgresServer(PostgresAddress.of(config));
    this.withCanary = config.canary().orElse(true);
    this.mayBeIncremental = config.incremental().orElse(true);
    this.maxBytesPerSecond = config.maxRate().map(ByteAmount::parse).orElseGet(OptionalLong::empty);
    this.truthBudget =
        config.truth().flatMap(SourceConfig.Truth::budget).orElse(TruthInspection.USUAL_BUDGET);
    this.snapshot = snapshot;
    this.repository = order.repository();
    this.cache = new ParentCache(order.cache());
  }

  @Override
  public String type() {
    return "postgres";
  }

  @Override
  public void check() {
    SourceCheck.requireReady(server);
  }

  @Override
  public Read read(SnapshotWriter writer, Progress progress) {
    List<String> warnings = new ArrayList<>();
    progress.phase("inspect");
    ClusterFacts facts = new ClusterInspection(server).run();
    Optional<CanaryRow> canary =
        withCanary ? new Canary(server).write(snapshot, warnings::add) : Optional.empty();
    var truth = new TruthInspection(server, truthBudget, progress);
    truth.before();
    warnings.forEach(progress::event);
    Optional<KeptParent> parent =
        mayBeIncremental ? parent(facts, writer, progress) : Optional.empty();
    var cluster = new ClusterTree(writer, parent);
    BaseBackupResult result =
        new BaseBackup(server, maxBytesPerSecond)
            .run("lifeboat " + snapshot, parent.map(PostgresReader::against), cluster, progress);
    keepManifest(result, cluster);
    progress.phase("truth");
    Optional<TruthManifest> found = truth.after(result.stopLsn());
    found.stream()
        .flatMap(manifest -> manifest.gaps().stream())
        .forEach(gap -> {
          progress.event(gap);
          warnings.add(gap);
        });
    writer.endContents();
    progress.phase("manifest");
    verify(result, cluster);
    result.damage().ifPresent(damage -> writer.mark(DAMAGED));
    writer.contains(
        new SnapshotWriter.WalRange(
            facts.server().systemIdentifier(),
            result.timeline(),
            result.startLsn().position(),
            result.stopLsn().position(),
            server.time(),
            facts.segmentBytes()));
    remember = () -> remember(facts, parent, result, cluster);
    return new Read(
        facts.with(canary).with(result).withTruth(found).toJson(),
        cluster.tree(),
        cluster.totals(),
        cluster.bytesRead(),
        cluster.filesRead(),
        warnings,
        result.damage().map(PageDamage::sentence),
        result.incremental().map(BaseBackupResult.Incremental::parent));
  }

  private Optional<KeptParent> parent(
      ClusterFacts facts, SnapshotWriter writer, Progress progress) {
    return new ParentChoice(facts, this::isListed, writer).choose(cache.find(), progress::event);
  }

  private boolean isListed(String id) {
    return repository.snapshots().stream().anyMatch(info -> info.id().equals(id));
  }

  private static BackupParent against(KeptParent parent) {
    return new BackupParent(parent.about().snapshot(), parent.manifest());
  }

  /** A copy must be whole by its manifest, whatever came from the server. */
  private static void keepManifest(BaseBackupResult result, ClusterTree cluster) {
    byte[] manifest = result.manifest();
    // Makes sure, before it is changed, that it is what the server wrote.
    BackupManifest.parse(manifest);
    cluster.manifest(
        result
            .incremental()
            .map(came -> CombinedManifest.of(manifest, came, cluster.pieced()))
            .orElse(manifest));
  }

  private static void verify(BaseBackupResult result, ClusterTree cluster) {
    Map<BaseBackupPath, FileFacts> arrived = cluster.arrivedWhole();
    result.incremental().ifPresent(came -> arrived.putAll(came.arrived()));
    BackupManifest.parse(result.manifest()).verify(arrived);
  }

  /** A source that is damaged is read whole again, so that each backup says what is damaged. */
  private void remember(
      ClusterFacts facts,
      Optional<KeptParent> parent,
      BaseBackupResult result,
      ClusterTree cluster) {
    if (result.damage().isPresent()) {
      cache.forget();
      return;
    }
    Map<BaseBackupPath, StoredContent> relations = cluster.relations();
    Optional<KeptParent.About> before =
        parent.map(KeptParent::about).filter(known -> result.incremental().isPresent());
    var about =
        new KeptParent.About(
            snapshot,
            facts.server().systemIdentifier(),
            ParentChoice.haveChecksums(facts),
            before.map(known -> known.incrementals() + 1).orElse(0),
            before.map(known -> known.bytesSinceFull() + cluster.bytesRead()).orElse(0L),
            cluster.totals().sizeBytes(),
            relations.values().stream().mapToLong(file -> file.content().aboutExtents()).sum());
    cache.keep(about, result.manifest(), relations);
  }

  @Override
  public void committed() {
    if (mayBeIncremental) {
      remember.run();
    }
  }

  @Override
  public void close() {
    cache.close();
  }
}
