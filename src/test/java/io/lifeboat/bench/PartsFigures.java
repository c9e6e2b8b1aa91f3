package io.lifeboat.bench;

import io.lifeboat.repository.ChunkParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/**
 * {@code PartsFigures FOLDER}: takes all files of a folder into memory and does with them what a
 * backup cannot do without, on all cores, after a round that warms up. How fast that is limits how
 * fast a backup of them can be. Needs a heap that holds them.
 */
public final class PartsFigures {
  private static final int ROUNDS = 3;

  private PartsFigures() {}

  /** Prints {@code key=value} pairs on one line. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 1) {
      throw new IllegalArgumentException("usage: PartsFigures FOLDER");
    }
    List<byte[]> files = read(Path.of(args[0]));
    long bytes = files.stream().mapToLong(file -> file.length).sum();
    double seconds = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      seconds = Math.min(seconds, round(files));
    }
    System.out.printf(Locale.ROOT, "bytes=%d milliseconds=%.0f%n", bytes, seconds * 1000);
  }

  private static List<byte[]> read(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      List<Path> files = paths.filter(Files::isRegularFile).toList();
      byte[][] contents = new byte[files.size()][];
      for (int i = 0; i < contents.length; i++) {
        contents[i] = Files.readAllBytes(files.get(i));
      }
      return List.of(contents);
    }
  }

  private static double round(List<byte[]> files) throws InterruptedException {
    var waiting = new ConcurrentLinkedQueue<>(files);
    List<Thread> threads =
        IntStream.range(0, Runtime.getRuntime().availableProcessors())
            .mapToObj(_ -> new Thread(() -> work(waiting)))
            .toList();
    long start = System.nanoTime();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void work(ConcurrentLinkedQueue<byte[]> waiting) {
    var parts = new ChunkParts();
    for (byte[] file = waiting.poll(); file != null; file = waiting.poll()) {
      parts.work(file);
    }
  }
}
