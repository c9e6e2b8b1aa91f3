package io.lifeboat.bench;

import io.lifeboat.repository.SimulatedIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code IndexFigures FOLDER CHUNKS LOOKUPS known|unknown|mixed}: builds an index of so many chunks
 * out of simulated segments of 112 chunks a pack (64 MiB packs, 584 KiB chunks), opens it again as
 * a run does, and looks up such chunks in it, by one thread. Run it with a small heap. Where other
 * programs work on the same cores, the rate for each second of CPU time is the one to compare.
 */
public final class IndexFigures {
  private IndexFigures() {}

  /** Prints {@code key=value} pairs on one line. */
  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      throw new IllegalArgumentException(
          "usage: IndexFigures FOLDER CHUNKS LOOKUPS known|unknown|mixed");
    }
    SimulatedIndex.Sought sought = SimulatedIndex.Sought.valueOf(args[3].toUpperCase(Locale.ROOT));
    Path folder = Files.createDirectories(Path.of(args[0]));
    long chunks = Long.parseLong(args[1]);
    int lookups = Integer.parseInt(args[2]);
    var simulated = new SimulatedIndex(folder, chunks);
    long start = System.nanoTime();
    simulated.open().close();
    double buildSeconds = seconds(start);
    System.gc();

    long startCpu = cpu();
    start = System.nanoTime();
    try (SimulatedIndex.Opened index = simulated.open()) {
      double openSeconds = seconds(start);
      double openCpuSeconds = (cpu() - startCpu) / 1e9;
      System.gc();
      long heapBytes = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      index.lookUp(sought, lookups / 2); // compiles what is measured
      startCpu = cpu();
      start = System.nanoTime();
      long found = index.lookUp(sought, lookups);
      double lookUpSeconds = seconds(start);
      double cpuSeconds = (cpu() - startCpu) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "chunks=%d fileBytes=%d bytesPerChunk=%.2f buildSeconds=%.2f openSeconds=%.2f"
              + " openCpuSeconds=%.2f"
              + " heapMiB=%.1f lookups=%d found=%d lookupsPerSecond=%.0f"
              + " lookupsPerCpuSecond=%.0f%n",
          chunks,
          simulated.fileBytes(),
          simulated.fileBytes() / (double) chunks,
          buildSeconds,
          openSeconds,
          openCpuSeconds,
          heapBytes / 1048576.0,
          lookups,
          found,
          lookups / lookUpSeconds,
          lookups / cpuSeconds);
    }
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
