package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;

/**
 * A data directory that was restored from a snapshot and never started. Its backup has the WAL that
 * it needs in {@code pg_wal} and a {@code backup_label}: PostgreSQL replays from there to
 * consistency when it starts, and needs neither {@code recovery.signal} nor a {@code
 * restore_command} for that.
 */
public final class RestoredCluster {
  /** What {@code ALTER SYSTEM} wrote on the source; a scratch starts with an empty one. */
  public static final String AUTO_CONF = "postgresql.auto.conf";

  private final Path dataDirectory;

  /** The cluster in a folder. */
  public RestoredCluster(Path dataDirectory) {
    this.dataDirectory = dataDirectory;
  }

  /** Where a restore to {@code target} puts a tablespace that nobody gave a place. */
  public static Path defaultPlace(Path target, long tablespaceOid) {
    Path folder = target.resolveSibling(target.getFileName() + ".tablespaces");
    return folder.resolve(Long.toString(tablespaceOid));
  }

  /**
   * Makes it startable in its new place: folder modes as PostgreSQL insists on, tablespaces where
   * they now are. Changes no other file. Running it twice does no harm.
   *
   * @param tablespaces folders on this machine by tablespace; those of the map must all be there
   * @throws io.lifeboat.error.LifeboatException {@code MANIFEST_MISMATCH} if this is no restored
   *     cluster, {@code USAGE_INVALID} if a tablespace has no place, {@code IO_FAILED}
   */
  public void prepare(Map<Long, Path> tablespaces) {
    require("PG_VERSION");
    require("backup_label");
    require("global/pg_control");
    if (Files.exists(dataDirectory.resolve("postmaster.pid"), LinkOption.NOFOLLOW_LINKS)) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          dataDirectory + " holds a postmaster.pid: a server runs or ran in it",
          "Restore to an empty folder.");
    }
    var locations = new TreeMap<Long, String>();
    tablespaces.forEach((oid, folder) -> locations.put(oid, place(oid, folder)));
    try {
      Files.setPosixFilePermissions(dataDirectory, PosixFilePermissions.fromString("rwx------"));
      Path map = dataDirectory.resolve(TablespaceMap.FILE_NAME);
      if (Files.exists(map, LinkOption.NOFOLLOW_LINKS)) {
        replace(map, TablespaceMap.rewrite(Files.readAllBytes(map), locations));
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Empties the copy's {@code postgresql.auto.conf} for a scratch. PostgreSQL checks every value in
   * that file even where the command line has another, and would not start for a locale, library or
   * build option that only the source's machine has.
   */
  public void forgetAlterSystem() {
    Path file = dataDirectory.resolve(AUTO_CONF);
    try {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        replace(file, new byte[0]);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private TransientException failed(IOException e) {
    return new TransientException(
        ErrorCode.IO_FAILED,
        "Could not prepare the restored cluster in " + dataDirectory + ": " + e,
        "Check that the folder is writable and its disk has room, then restore again.",
        e);
  }

  private static String place(long oid, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The place for tablespace " + oid + " is no folder: " + folder,
          "Restore the tablespace there first.");
    }
    return folder.toAbsolutePath().normalize().toString();
  }

  private void require(String file) {
    if (!Files.isRegularFile(dataDirectory.resolve(file), LinkOption.NOFOLLOW_LINKS)) {
      throw new PermanentException(
          ErrorCode.MANIFEST_MISMATCH,
          dataDirectory + " is no restored PostgreSQL cluster: it has no " + file,
          "Restore the whole snapshot, without a path, and do not start it before this.");
    }
  }

  /** A crash leaves the old or the new file; owner and mode stay. */
  private static void replace(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".lifeboat");
    Files.copy(
        file, temporary, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    Files.write(temporary, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    Files.setAttribute(temporary, "unix:uid", Files.getAttribute(file, "unix:uid"));
    Files.setAttribute(temporary, "unix:gid", Files.getAttribute(file, "unix:gid"));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
