package io.lifeboat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the trees that the benchmark backs up, from fixed seeds.
 *
 * <pre>
 * MixedFiles FOLDER mixed MIB      so many MiB: 40 % logs of 8 to 64 MiB, 25 % incompressible files of 4 to 48 MiB,
 *                                  20 % programs of 0.25 to 4 MiB, 15 % documents of 1 to 32 KiB
 * MixedFiles FOLDER small COUNT    so many files of 0.5 to 4 KiB, 50 to a folder
 * </pre>
 */
public final class MixedFiles {
  private static final int SMALL_FILES_IN_A_FOLDER = 50;
  private static final int DOCUMENTS_IN_A_FOLDER = 100;

  private final Path root;
  private final byte[] block = new byte[1 << 20];
  private long files;
  private long bytes;

  private MixedFiles(Path root) {
    this.root = root;
  }

  /** What fills a stretch of an array. */
  private interface Filling {
    void fill(byte[] into, int from, int to);
  }

  /** Makes a tree and says how large it became: {@code FILES BYTES}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      throw new IllegalArgumentException("usage: MixedFiles FOLDER mixed|small MIB|COUNT");
    }
    MixedFiles tree = make(Path.of(args[0]), args[1], Integer.parseInt(args[2]));
    System.out.println(tree.files + " " + tree.bytes);
  }

  static MixedFiles make(Path folder, String kind, int size) throws IOException {
    var tree = new MixedFiles(folder);
    switch (kind) {
      case "mixed" -> tree.mixed((long) size << 20);
      case "small" -> tree.small(size);
      default -> throw new IllegalArgumentException("mixed or small, not " + kind);
    }
    return tree;
  }

  private void mixed(long total) throws IOException {
    var logs = new MadeUpBytes(1);
    fill("logs", total * 40 / 100, logs, 8 << 20, 64 << 20, logs::text);
    var media = new MadeUpBytes(2);
    fill("media", total * 25 / 100, media, 4 << 20, 48 << 20, media::incompressible);
    var programs = new MadeUpBytes(3);
    fill("programs", total * 20 / 100, programs, 256 << 10, 4 << 20, programs::mixed);
    var documents = new MadeUpBytes(4);
    fill("documents", total * 15 / 100, documents, 1 << 10, 32 << 10, documents::text);
  }

  private void fill(
      String kind, long total, MadeUpBytes made, int leastBytes, int mostBytes, Filling filling)
      throws IOException {
    long left = total;
    for (int i = 0; left > 0; i++) {
      long size = Math.min(left, made.number(leastBytes, mostBytes));
      Path folder = root.resolve(kind).resolve(Integer.toString(i / DOCUMENTS_IN_A_FOLDER));
      write(folder, i, size, filling);
      left -= size;
    }
  }

  private void small(int count) throws IOException {
    var made = new MadeUpBytes(5);
    for (int i = 0; i < count; i++) {
      Path folder = root.resolve(Integer.toString(i / SMALL_FILES_IN_A_FOLDER));
      int size = made.number(512, 4 << 10);
      write(folder, i, size, i % 2 == 0 ? made::text : made::incompressible);
    }
  }

  private void write(Path folder, int number, long sizeBytes, Filling filling) throws IOException {
    Files.createDirectories(folder);
    try (var out = Files.newOutputStream(folder.resolve("f" + number))) {
      for (long left = sizeBytes; left > 0; left -= block.length) {
        int length = (int) Math.min(left, block.length);
        filling.fill(block, 0, length);
        out.write(block, 0, length);
      }
    }
    files++;
    bytes += sizeBytes;
  }
}
