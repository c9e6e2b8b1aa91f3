package io.lifeboat.backup;

import io.lifeboat.config.ByteAmount;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.postgres.BackupManifest;
import io.lifeboat.postgres.BaseBackup;
import io.lifeboat.postgres.BaseBackupConsumer;
import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.postgres.BaseBackupResult;
import io.lifeboat.postgres.Canary;
import io.lifeboat.postgres.CanaryRow;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.ClusterInspection;
import io.lifeboat.postgres.FileFacts;
import io.lifeboat.postgres.PageDamage;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCheck;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Chunking;
import io.lifeboat.repository.ContentWriter;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

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
  private final OptionalLong maxBytesPerSecond;
  private final String snapshot;

  PostgresReader(SourceConfig.Postgres config, String snapshot) {
    this.server = new PostgresServer(PostgresAddress.of(config));
    this.withCanary = config.canary().orElse(true);
    this.maxBytesPerSecond = config.maxRate().map(ByteAmount::parse).orElseGet(OptionalLong::empty);
    this.snapshot = snapshot;
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
    warnings.forEach(progress::event);
    var cluster = new Cluster(writer);
    BaseBackupResult result =
        new BaseBackup(server, maxBytesPerSecond).run("lifeboat " + snapshot, cluster, progress);
    cluster.manifest(result.manifest());
    writer.endContents();
    progress.phase("manifest");
    BackupManifest.parse(result.manifest()).verify(cluster.found());
    result.damage().ifPresent(damage -> writer.mark(DAMAGED));
    writer.contains(
        new SnapshotWriter.WalRange(
            facts.server().systemIdentifier(),
            result.timeline(),
            result.startLsn().position(),
            result.stopLsn().position(),
            server.time(),
            facts.segmentBytes()));
    return new Read(
        facts.with(canary).with(result).toJson(),
        cluster.tree(),
        new SnapshotWriter.Totals(cluster.bytes, cluster.files.size() + 1L),
        cluster.bytes,
        cluster.files.size() + 1L,
        warnings,
        result.damage().map(PageDamage::sentence));
  }

  @Override
  public void committed() {
    // Nothing is kept between runs: a base backup reads everything.
  }

  @Override
  public void close() {
    // Nothing is held between the calls.
  }

  /** The cluster as it arrives. */
  private static final class Cluster implements BaseBackupConsumer {
    private static final int BLOCK_BYTES = 128 << 10;
    private static final FileName DATA = FileName.of("data");
    private static final FileName TABLESPACES = FileName.of("tablespaces");
    private static final FileName MANIFEST = FileName.of("backup_manifest");

    private final SnapshotWriter writer;
    private final Map<BaseBackupPath, CompletableFuture<StoredContent>> files = new TreeMap<>();
    private final Folder root = new Folder();
    private final byte[] block = new byte[BLOCK_BYTES];
    private Attributes owner = new Attributes(0700, 0, 0, "", "", Instant.EPOCH);
    private long bytes;

    Cluster(SnapshotWriter writer) {
      this.writer = writer;
      root.folder(DATA);
    }

    /** A folder whose entries are still coming. */
    private static final class Folder {
      private final Map<FileName, Folder> folders = new HashMap<>();
      private final List<CompletableFuture<? extends Node>> entries = new ArrayList<>();
      private Optional<Attributes> attributes = Optional.empty();

      Folder folder(FileName name) {
        return folders.computeIfAbsent(name, n -> new Folder());
      }
    }

    @Override
    public void directory(BaseBackupPath path, Attributes attributes) {
      parent(path).folder(path.name()).attributes = Optional.of(attributes);
    }

    @Override
    public void file(
        BaseBackupPath path, Attributes attributes, long sizeBytes, InputStream content)
        throws IOException {
      CompletableFuture<StoredContent> stored = store(sizeBytes, content);
      files.put(path, stored);
      owner =
          new Attributes(0700, attributes.uid(), attributes.gid(), "", "", attributes.modifiedAt());
      add(parent(path), path.name(), attributes, stored);
    }

    private CompletableFuture<StoredContent> store(long sizeBytes, InputStream content)
        throws IOException {
      ContentWriter out = writer.content(Chunking.PAGES, sizeBytes);
      for (int n = content.read(block); n >= 0; n = content.read(block)) {
        out.write(block, 0, n);
        bytes += n;
      }
      return out.finish();
    }

    private static void add(
        Folder folder,
        FileName name,
        Attributes attributes,
        CompletableFuture<StoredContent> stored) {
      folder.entries.add(
          stored.thenApply(content ->
              new Node.RegularFile(name, attributes, content.content(), content.sha256(), 0)));
    }

    @Override
    public void symlink(BaseBackupPath path, Attributes attributes, byte[] target) {
      parent(path)
          .entries
          .add(
              CompletableFuture.completedFuture(new Node.Symlink(path.name(), attributes, target)));
    }

    /** Keeps the manifest itself beside the data. */
    void manifest(byte[] manifest) {
      ContentWriter out = writer.content(Chunking.CONTENT, manifest.length);
      out.write(manifest, 0, manifest.length);
      var attributes = new Attributes(0600, owner.uid(), owner.gid(), "", "", owner.modifiedAt());
      add(root, MANIFEST, attributes, out.finish());
      bytes += manifest.length;
    }

    private Folder parent(BaseBackupPath path) {
      Folder folder =
          path.tablespaceOid()
              .map(oid -> root.folder(TABLESPACES).folder(FileName.of(Long.toString(oid))))
              .orElseGet(() -> root.folder(DATA));
      for (FileName name : path.components().subList(0, path.components().size() - 1)) {
        folder = folder.folder(name);
      }
      return folder;
    }

    /** What arrived, for the manifest; waits until all of it is hashed. */
    Map<BaseBackupPath, FileFacts> found() {
      Map<BaseBackupPath, FileFacts> found = new TreeMap<>();
      files.forEach((path, stored) -> {
        StoredContent content = stored.join();
        found.put(path, new FileFacts(content.content().sizeBytes(), content.sha256()));
      });
      return found;
    }

    CompletableFuture<Node.Directory> tree() {
      return directory(FileName.of("root"), root);
    }

    private CompletableFuture<Node.Directory> directory(FileName name, Folder folder) {
      List<CompletableFuture<? extends Node>> entries = new ArrayList<>(folder.entries);
      folder.folders.forEach((child, below) -> entries.add(directory(child, below)));
      return writer.directory(name, folder.attributes.orElse(owner), entries);
    }
  }
}
