package io.lifeboat.backup;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BackupManifest;
import io.lifeboat.postgres.BaseBackupConsumer;
import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.postgres.FileFacts;
import io.lifeboat.postgres.IncrementalFile;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Chunking;
import io.lifeboat.repository.ContentOverlay;
import io.lifeboat.repository.ContentWriter;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A cluster as it arrives, on its way into a snapshot. Blocks of a file are laid over what the file
 * was in the parent. For one thread.
 */
final class ClusterTree implements BaseBackupConsumer {
  private static final int BLOCK_BYTES = 128 << 10;
  private static final FileName DATA = FileName.of("data");
  private static final FileName TABLESPACES = FileName.of("tablespaces");
  private static final FileName MANIFEST = FileName.of("backup_manifest");

  private final SnapshotWriter writer;
  private final Optional<KeptParent> parent;
  private final Map<BaseBackupPath, CompletableFuture<StoredContent>> files = new TreeMap<>();
  private final Map<BaseBackupPath, BackupManifest.Entry> pieced = new TreeMap<>();
  private final Folder root = new Folder();
  private final byte[] block = new byte[BLOCK_BYTES];
  private Attributes owner = new Attributes(0700, 0, 0, "", "", Instant.EPOCH);
  private long sizeBytes;
  private long bytesRead;
  private long filesRead;

  /** An empty tree; the parent is what the backup may be taken against. */
  ClusterTree(SnapshotWriter writer, Optional<KeptParent> parent) {
    this.writer = writer;
    this.parent = parent;
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
  public void file(BaseBackupPath path, Attributes attributes, long bytes, InputStream content)
      throws IOException {
    keep(path, attributes, store(bytes, content));
    filesRead++;
  }

  private CompletableFuture<StoredContent> store(long expectedBytes, InputStream content)
      throws IOException {
    ContentWriter out = writer.content(Chunking.PAGES, expectedBytes);
    for (int n = content.read(block); n >= 0; n = content.read(block)) {
      out.write(block, 0, n);
      sizeBytes += n;
      bytesRead += n;
    }
    return out.finish();
  }

  @Override
  public void changed(
      BaseBackupPath path, Attributes attributes, IncrementalFile came, InputStream content)
      throws IOException {
    StoredContent earlier =
        parent
            .flatMap(known -> known.find(path))
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.BASE_BACKUP_FAILED,
                    "Only blocks of " + path + " came, and the parent has no such file",
                    "Nothing was kept of this backup. Set incremental: false for the source, and"
                        + " tell Lifeboat's maintainers the server's exact version."));
    // Of a truncated table, servers up to 2026 announce the map as long as the table itself.
    IncrementalFile file =
        path.isVisibilityMap() ? came.withoutZerosAtItsEnd(earlier.content().sizeBytes()) : came;
    boolean same =
        file.isUnchanged(earlier.content().sizeBytes()) && writer.reuse(earlier.content());
    keep(
        path,
        attributes,
        same ? CompletableFuture.completedFuture(earlier) : overlay(earlier, file, content));
    pieced.put(
        path,
        new BackupManifest.Entry(file.sizeBytes(), same ? earlier.sha256() : Optional.empty()));
    sizeBytes += file.sizeBytes();
    bytesRead += file.newBytes();
    filesRead += file.newBytes() > 0 ? 1 : 0;
  }

  private CompletableFuture<StoredContent> overlay(
      StoredContent earlier, IncrementalFile file, InputStream content) throws IOException {
    ContentOverlay out = writer.overlay(earlier.content(), file.newBytes());
    long next = 0;
    for (int number : file.blocks()) {
      keepUpTo(number, next, file, out);
      copy(content, file.blockBytes(), out);
      next = number + 1L;
    }
    keepUpTo(file.keptBlocks(), next, file, out);
    return out.finish();
  }

  private static void keepUpTo(long to, long from, IncrementalFile file, ContentOverlay out) {
    long good = Math.min(to, file.keptBlocks());
    out.keep(Math.max(0, good - from) * file.blockBytes());
    out.hole(Math.max(0, to - Math.max(from, good)) * file.blockBytes());
  }

  private void copy(InputStream content, int length, ContentOverlay out) throws IOException {
    for (int left = length; left > 0; ) {
      int n = content.read(block, 0, Math.min(left, block.length));
      if (n < 0) {
        throw new EOFException("A block ends too early");
      }
      out.write(block, 0, n);
      left -= n;
    }
  }

  private void keep(
      BaseBackupPath path, Attributes attributes, CompletableFuture<StoredContent> stored) {
    files.put(path, stored);
    owner =
        new Attributes(0700, attributes.uid(), attributes.gid(), "", "", attributes.modifiedAt());
    add(parent(path), path.name(), attributes, stored);
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
        .add(CompletableFuture.completedFuture(new Node.Symlink(path.name(), attributes, target)));
  }

  /** Keeps the manifest itself beside the data. */
  void manifest(byte[] manifest) {
    ContentWriter out = writer.content(Chunking.CONTENT, manifest.length);
    out.write(manifest, 0, manifest.length);
    var attributes = new Attributes(0600, owner.uid(), owner.gid(), "", "", owner.modifiedAt());
    add(root, MANIFEST, attributes, out.finish());
    sizeBytes += manifest.length;
    bytesRead += manifest.length;
    filesRead++;
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

  /** The files of which only blocks came, as they are now. */
  Map<BaseBackupPath, BackupManifest.Entry> pieced() {
    return pieced;
  }

  /** What arrived whole, for the manifest; waits until all of it is hashed. */
  Map<BaseBackupPath, FileFacts> arrivedWhole() {
    Map<BaseBackupPath, FileFacts> found = new TreeMap<>();
    files.forEach((path, stored) -> {
      if (!pieced.containsKey(path)) {
        StoredContent content = stored.join();
        found.put(
            path, new FileFacts(content.content().sizeBytes(), content.sha256().orElseThrow()));
      }
    });
    return found;
  }

  /** The relations' files as they are stored; waits until they are. */
  Map<BaseBackupPath, StoredContent> relations() {
    Map<BaseBackupPath, StoredContent> relations = new TreeMap<>();
    files.forEach((path, stored) -> {
      if (path.isRelationFile()) {
        relations.put(path, stored.join());
      }
    });
    return relations;
  }

  /** The tree's root. */
  CompletableFuture<Node.Directory> tree() {
    return directory(FileName.of("root"), root);
  }

  private CompletableFuture<Node.Directory> directory(FileName name, Folder folder) {
    List<CompletableFuture<? extends Node>> entries = new ArrayList<>(folder.entries);
    folder.folders.forEach((child, below) -> entries.add(directory(child, below)));
    return writer.directory(name, folder.attributes.orElse(owner), entries);
  }

  /** What a restore writes. */
  SnapshotWriter.Totals totals() {
    return new SnapshotWriter.Totals(sizeBytes, files.size() + 1L);
  }

  /** Contents that came from the server. */
  long bytesRead() {
    return bytesRead;
  }

  /** Files of which anything came. */
  long filesRead() {
    return filesRead;
  }
}
