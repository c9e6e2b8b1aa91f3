package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a restored cluster, before it is started for the first time, and holds it against its
 * manifest: what {@code pg_verifybackup} does, without it.
 *
 * <p>Passed over, because a restore or an operator writes them: {@code backup_manifest} itself,
 * {@code postgresql.auto.conf}, {@code recovery.signal}, {@code standby.signal}; and the contents
 * of {@code tablespace_map}, which must name other places.
 */
public final class FolderVerification {
  private static final List<String> PASSED_OVER =
      List.of("backup_manifest", "postgresql.auto.conf", "recovery.signal", "standby.signal");

  private final Path dataDirectory;
  private final Map<Long, Path> tablespaces;

  /** A verification of a data directory and the folders of its tablespaces. */
  public FolderVerification(Path dataDirectory, Map<Long, Path> tablespaces) {
    this.dataDirectory = dataDirectory;
    this.tablespaces = Map.copyOf(tablespaces);
  }

  /**
   * Reads everything.
   *
   * @return what is wrong, a sentence each; empty if nothing is
   * @throws TransientException {@code IO_FAILED} if a file cannot be read
   */
  public List<String> problems(BackupManifest manifest, Progress progress) {
    Map<BaseBackupPath, FileFacts> found = new HashMap<>();
    read(Optional.empty(), dataDirectory, found, progress);
    tablespaces.forEach((oid, folder) -> read(Optional.of(oid), folder, found, progress));
    manifest
        .files()
        .forEach((path, entry) -> {
          boolean isChanged = path.isTopLevel(TablespaceMap.FILE_NAME) && found.containsKey(path);
          if (isChanged || PASSED_OVER.stream().anyMatch(path::isTopLevel)) {
            found.put(path, new FileFacts(entry.sizeBytes(), entry.sha256().orElse(new byte[0])));
          }
        });
    return manifest.problems(found);
  }

  private static void read(
      Optional<Long> tablespaceOid,
      Path folder,
      Map<BaseBackupPath, FileFacts> found,
      Progress progress) {
    var names = new ArrayList<FileName>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path entered, BasicFileAttributes attributes) {
              if (!entered.equals(folder)) {
                names.add(rawName(entered));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              if (!left.equals(folder)) {
                names.removeLast();
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              names.add(rawName(file));
              var path = new BaseBackupPath(tablespaceOid, names);
              names.removeLast();
              if (PASSED_OVER.stream().noneMatch(path::isTopLevel)) {
                // A link is no file of a backup: it is left to be an unknown one.
                found.put(
                    path,
                    attributes.isRegularFile()
                        ? facts(file, progress)
                        : new FileFacts(0, new byte[0]));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new TransientException(
          ErrorCode.IO_FAILED,
          "Could not read the restored cluster in " + folder + ": " + e,
          "Check the folder's disk and rights, then verify again.",
          e);
    }
  }

  private static FileFacts facts(Path file, Progress progress) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
    long sizeBytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream content = Files.newInputStream(file)) {
      for (int got = content.read(buffer); got >= 0; got = content.read(buffer)) {
        progress.checkCancelled();
        digest.update(buffer, 0, got);
        sizeBytes += got;
        progress.advance(got, 0);
      }
    }
    progress.advance(0, 1);
    return new FileFacts(sizeBytes, digest.digest());
  }

  /** A path's text loses bytes that are not in the platform's character set; its URI does not. */
  private static FileName rawName(Path file) {
    String uri = file.toUri().getRawPath();
    String trimmed = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    String name = trimmed.substring(trimmed.lastIndexOf('/') + 1).replace("+", "%2B");
    return FileName.of(
        URLDecoder.decode(name, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1));
  }
}
