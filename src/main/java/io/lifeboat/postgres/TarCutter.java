package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Cuts one archive of a base backup into its files, while it arrives. Names are taken as ISO-8859-1
 * on the way through the tar reader, so that every byte survives it.
 */
final class TarCutter {
  private static final int CANCEL_CHECK_BYTES = 1 << 20;

  private final Optional<Long> tablespaceOid;
  private final String archiveName;
  private final BaseBackupConsumer consumer;
  private final PageWatch pages;
  private final Optional<IncrementalDelivery> incremental;
  private final Progress progress;

  /**
   * A cutter of one archive.
   *
   * @param incremental takes the files to the consumer, if the backup is incremental
   */
  TarCutter(
      Optional<Long> tablespaceOid,
      String archiveName,
      BaseBackupConsumer consumer,
      PageWatch pages,
      Optional<IncrementalDelivery> incremental,
      Progress progress) {
    this.tablespaceOid = tablespaceOid;
    this.archiveName = archiveName;
    this.consumer = consumer;
    this.pages = pages;
    this.incremental = incremental;
    this.progress = progress;
  }

  /** Hands over every entry, and makes sure that the archive came to its proper end. */
  void cut(BackupStream.PartContent archive) {
    // Not closed: that would close nothing but the session's own stream.
    var tar = new TarArchiveInputStream(archive, StandardCharsets.ISO_8859_1.name());
    for (Optional<TarArchiveEntry> entry = next(tar); entry.isPresent(); entry = next(tar)) {
      progress.checkCancelled();
      deliver(entry.get(), tar);
    }
    byte[] rest = new byte[8192];
    while (archive.read(rest, 0, rest.length) >= 0) {
      // What follows the terminator is padding.
    }
    if (!archive.endedWithTerminator()) {
      throw broken("it ends too early", new IOException("No two blocks of zeros at its end"));
    }
  }

  private Optional<TarArchiveEntry> next(TarArchiveInputStream tar) {
    try {
      return Optional.ofNullable(tar.getNextEntry());
    } catch (IOException e) {
      throw broken("an entry's header cannot be read", e);
    }
  }

  private void deliver(TarArchiveEntry entry, TarArchiveInputStream tar) {
    BaseBackupPath path;
    try {
      path =
          BaseBackupPath.of(tablespaceOid, entry.getName().getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw broken("it names the file '" + entry.getName() + "'", new IOException(e));
    }
    var attributes =
        new Attributes(
            entry.getMode() & 07777,
            (int) entry.getLongUserId(),
            (int) entry.getLongGroupId(),
            // The server writes "postgres" for both, whoever owns the file.
            "",
            "",
            entry.getLastModifiedTime().toInstant());
    try {
      if (entry.isDirectory()) {
        consumer.directory(path, attributes);
      } else if (entry.isSymbolicLink()) {
        consumer.symlink(
            path, attributes, entry.getLinkName().getBytes(StandardCharsets.ISO_8859_1));
      } else if (entry.isFile() && !entry.isLink()) {
        file(path, attributes, entry.getSize(), new FileContent(path, tar));
        progress.advance(0, 1);
      } else {
        throw broken(
            path + " is neither file, folder nor link",
            new IOException("Entry type " + entry.getLinkFlag()));
      }
    } catch (IOException e) {
      throw notKept(path.toString(), e);
    }
  }

  /** The consumer's failure. */
  static TransientException notKept(String what, IOException e) {
    return new TransientException(
        ErrorCode.IO_FAILED,
        "Could not keep " + what + " of the base backup: " + ConnectionFailures.sentence(e),
        "Nothing was kept of this backup. Mend what the message names and run it again.",
        e);
  }

  private void file(BaseBackupPath path, Attributes attributes, long sizeBytes, FileContent content)
      throws IOException {
    if (incremental.isPresent()) {
      incremental.get().deliver(path, attributes, sizeBytes, content, consumer);
    } else {
      consumer.file(path, attributes, sizeBytes, content);
    }
  }

  private TransientException broken(String what, IOException cause) {
    return new TransientException(
        ErrorCode.BASE_BACKUP_FAILED,
        "The archive " + archiveName + " of the base backup is broken: " + what,
        "Nothing was kept of this backup. Run it again; if this comes back, the server's log and"
            + " a pg_basebackup by hand tell whether the server is at fault.",
        cause);
  }

  /** One file's bytes; a failure of the archive is ours to explain, not the consumer's. */
  private final class FileContent extends InputStream {
    private final BaseBackupPath path;
    private final TarArchiveInputStream tar;
    private final Optional<PageCheck> check;
    private long uncheckedBytes;

    FileContent(BaseBackupPath path, TarArchiveInputStream tar) {
      this.path = path;
      this.tar = tar;
      this.check = pages.of(path);
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      int got;
      try {
        got = tar.read(buffer, offset, length);
      } catch (IOException e) {
        throw broken("it ends within " + path, e);
      }
      if (got > 0) {
        int bytes = got;
        check.ifPresent(watching -> watching.update(buffer, offset, bytes));
        progress.advance(got, 0);
        uncheckedBytes += got;
        if (uncheckedBytes >= CANCEL_CHECK_BYTES) {
          uncheckedBytes = 0;
          progress.checkCancelled();
        }
      }
      return got;
    }
  }
}
