package io.lifeboat.demo;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Random;

/**
 * A folder as a build leaves it behind: releases that share most of their bytes with the one
 * before, logs, thousands of small files, and what only a careful restore brings back: links of
 * both kinds, holes, modes, an empty folder, a name that is not ASCII.
 */
public final class Artifacts {
  private static final int BLOCK = 64 * 1024;
  private static final long SPARSE_BYTES = 64L << 20;

  private final Path folder;
  private final Random random = new Random(20);

  /** Artifacts in this folder. */
  public Artifacts(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes them.
   *
   * @param percent of the demo's size: 100 makes some 150 MB
   */
  public void create(int percent) throws IOException {
    Files.createDirectories(folder.resolve("releases"));
    byte[] release = new byte[Math.max(1, 140 * percent / 100) * BLOCK];
    random.nextBytes(release);
    int releases = 12;
    for (int i = 1; i <= releases; i++) {
      release("1." + i, release);
    }
    Files.createSymbolicLink(
        folder.resolve("releases/current"), Path.of("shop-1." + releases + ".bin"));
    Files.createLink(
        folder.resolve("releases/stable.bin"),
        folder.resolve("releases/shop-1." + (releases - 1) + ".bin"));
    for (int i = 1; i <= 24; i++) {
      log("2025-%02d".formatted(i), 10_000 * percent / 100);
    }
    modules(1, 30 * percent);
    try (var image = new RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      image.setLength(SPARSE_BYTES);
      image.seek(SPARSE_BYTES / 2);
      image.write(release, 0, BLOCK);
    }
    Files.createDirectory(folder.resolve("nothing-yet"));
    Path secret = Files.writeString(folder.resolve("größe-für-später.txt"), "ünïcode\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r-----"));
    Files.writeString(folder.resolve("empty"), "");
  }

  /** A day later: a release more, a log that grew, some files new, changed and gone. */
  public void change(int percent) throws IOException {
    byte[] release = Files.readAllBytes(folder.resolve("releases/shop-1.12.bin"));
    release("1.13", release);
    Files.delete(folder.resolve("releases/current"));
    Files.createSymbolicLink(folder.resolve("releases/current"), Path.of("shop-1.13.bin"));
    log("2027-01", 5_000 * percent / 100);
    int modules = 30 * percent;
    modules(modules + 1, modules + percent);
    modules(1, Math.max(1, percent / 10)); // written again
    Files.delete(module(2));
  }

  /** A tenth of its bytes is new in each release. */
  private void release(String version, byte[] bytes) throws IOException {
    byte[] fresh = new byte[bytes.length / 10];
    random.nextBytes(fresh);
    System.arraycopy(fresh, 0, bytes, random.nextInt(10) * fresh.length, fresh.length);
    Files.write(folder.resolve("releases/shop-" + version + ".bin"), bytes);
  }

  private void log(String month, int lines) throws IOException {
    Files.createDirectories(folder.resolve("logs"));
    var text = new StringBuilder();
    Instant time = Instant.parse("2026-01-01T00:00:00Z");
    for (int line = 0; line < lines; line++) {
      time = time.plusMillis(random.nextInt(5_000));
      text.append(time)
          .append(" INFO order accepted id=")
          .append(random.nextInt(250_000))
          .append(" took_ms=")
          .append(random.nextInt(900))
          .append('\n');
    }
    Files.writeString(folder.resolve("logs/shop-" + month + ".log"), text);
  }

  private void modules(int first, int last) throws IOException {
    for (int i = first; i <= last; i++) {
      byte[] bytes = new byte[500 + random.nextInt(9_000)];
      random.nextBytes(bytes);
      Path file = module(i);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      if (i % 10 == 0) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
      }
    }
  }

  private Path module(int number) {
    return folder.resolve("modules/%02d/module-%05d.jar".formatted(number % 50, number));
  }
}
