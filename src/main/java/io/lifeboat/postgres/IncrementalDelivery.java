package io.lifeboat.postgres;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Hands over the files of an incremental backup: those of which only some blocks came as such, all
 * others whole, and the label as that of a full backup. Notes what arrived under the server's
 * names, for its manifest. For one thread.
 */
final class IncrementalDelivery {
  private final PageLayout layout;
  private final PageWatch pages;
  private final VisibilityMaps maps;
  private final Map<BaseBackupPath, FileFacts> arrived = new TreeMap<>();
  private Optional<FileFacts> label = Optional.empty();

  IncrementalDelivery(PageLayout layout, PageWatch pages) {
    this.layout = layout;
    this.pages = pages;
    this.maps = new VisibilityMaps(layout);
  }

  /** What came of it, once all has. */
  BaseBackupResult.Incremental against(String parent) {
    return new BaseBackupResult.Incremental(
        parent,
        arrived,
        label.orElseThrow(() -> BaseBackup.failed("no " + BackupLabel.FILE_NAME + " arrived")));
  }

  /** The name of the file that a part of it came for; empty if it is no such part. */
  static Optional<BaseBackupPath> whole(BaseBackupPath path) {
    String name = path.name().toString();
    if (!name.startsWith(IncrementalFile.PREFIX)) {
      return Optional.empty();
    }
    var names = new ArrayList<FileName>(path.components());
    names.set(names.size() - 1, FileName.of(name.substring(IncrementalFile.PREFIX.length())));
    var whole = new BaseBackupPath(path.tablespaceOid(), names);
    return RelationFile.of(whole).map(RelationFile::path);
  }

  /**
   * Hands over one file.
   *
   * @throws IOException the consumer's
   * @throws io.lifeboat.error.PermanentException {@code BASE_BACKUP_FAILED} if it is not what it
   *     should be
   */
  void deliver(
      BaseBackupPath path,
      Attributes attributes,
      long sizeBytes,
      InputStream content,
      BaseBackupConsumer consumer)
      throws IOException {
    Optional<BaseBackupPath> whole = whole(path);
    if (whole.isPresent()) {
      var hashed = new DigestInputStream(content, sha256());
      IncrementalFile file = head(path, hashed, sizeBytes);
      var blocks = new Blocks(hashed, pages.of(whole.get(), file.blocks()));
      if (!maps.holds(whole.get(), attributes, file, blocks)) {
        consumer.changed(whole.get(), attributes, file, blocks);
      }
      blocks.transferTo(OutputStream.nullOutputStream());
      arrived.put(path, new FileFacts(sizeBytes, hashed.getMessageDigest().digest()));
    } else if (path.isTopLevel(BackupLabel.FILE_NAME)) {
      byte[] sent = content.readAllBytes();
      arrived.put(path, facts(sent));
      byte[] full = BackupLabel.ofFullBackup(sent);
      label = Optional.of(facts(full));
      consumer.file(path, attributes, full.length, new ByteArrayInputStream(full));
    } else {
      maps.whole(path, sizeBytes);
      consumer.file(path, attributes, sizeBytes, content);
    }
  }

  /** Hands over what was held until everything else has come. */
  void finish(BaseBackupConsumer consumer) throws IOException {
    maps.deliver(consumer);
  }

  private IncrementalFile head(BaseBackupPath path, InputStream content, long sizeBytes) {
    try {
      return IncrementalFile.read(content, sizeBytes, layout);
    } catch (IOException e) {
      throw BaseBackup.failed(path + " cannot be used: " + e.getMessage());
    }
  }

  private static FileFacts facts(byte[] bytes) {
    return new FileFacts(bytes.length, sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** The blocks of a file, looked at as they go by. */
  private static final class Blocks extends FilterInputStream {
    private final Optional<PageCheck> check;

    Blocks(InputStream in, Optional<PageCheck> check) {
      super(in);
      this.check = check;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int got = super.read(buffer, offset, length);
      if (got > 0) {
        check.ifPresent(watching -> watching.update(buffer, offset, got));
      }
      return got;
    }
  }
}
