package io.lifeboat.postgres;

import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;

/**
 * Takes a base backup as it arrives, from one thread: first each tablespace, whole, then the data
 * directory. Within one of these a folder comes before its entries, but a file may come at any
 * later time: {@code global/pg_control}, the root's own files and the WAL of the backup come last.
 * No entry is sent for the data directory itself.
 *
 * <p>Whatever a method throws ends the backup.
 */
public interface BaseBackupConsumer {
  /** A folder. The server leaves out what is in some, for instance {@code pg_replslot}. */
  void directory(BaseBackupPath path, Attributes attributes) throws IOException;

  /**
   * A file. PostgreSQL sends permission bits, owner's number and time in seconds.
   *
   * @param content ends after {@code sizeBytes} bytes, or throws; what is not read is skipped
   */
  void file(BaseBackupPath path, Attributes attributes, long sizeBytes, InputStream content)
      throws IOException;

  /**
   * A relation's file of which only blocks came that changed since the parent; in an incremental
   * backup only.
   *
   * @param path where the whole file lies
   * @param content {@code file.blocks()} one after the other
   */
  default void changed(
      BaseBackupPath path, Attributes attributes, IncrementalFile file, InputStream content)
      throws IOException {
    throw new IllegalStateException("Nobody asked for an incremental backup");
  }

  /**
   * A symbolic link. Tablespaces do not come as links ({@code TABLESPACE_MAP} replaces them), and
   * PostgreSQL sends no others: a link elsewhere in the data directory makes the server warn and
   * leave it out.
   *
   * @param target the raw bytes it points to
   */
  void symlink(BaseBackupPath path, Attributes attributes, byte[] target) throws IOException;
}
