package io.lifeboat.bench;

import io.lifeboat.postgres.SourceCluster;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code BenchCluster FOLDER MAJOR}: a PostgreSQL server for benchmarks, until standard input ends.
 * It prints its url; then each line of the input is a statement, answered by its first value on one
 * line, or {@code start FOLDER}: a restored cluster is started there, and answered are the
 * milliseconds until its first query was answered, and what it says of the accounts; or {@code
 * programs}, answered by the folder with the server's programs.
 */
public final class BenchCluster {
  private static final int FIRST_WITH_INCREMENTAL = 17;
  private static final int SEGMENT_MEGABYTES = 16;
  private static final String START = "start ";

  private final int major;
  private final SourceCluster server;

  private BenchCluster(int major, SourceCluster server) {
    this.major = major;
    this.server = server;
  }

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("usage: BenchCluster FOLDER MAJOR");
    }
    int major = Integer.parseInt(arguments[1]);
    Map<String, String> settings = new TreeMap<>(Map.of("max_wal_size", "2GB"));
    if (major >= FIRST_WITH_INCREMENTAL) {
      settings.put("summarize_wal", "on");
    }
    try (SourceCluster server =
            SourceCluster.start(major, SEGMENT_MEGABYTES, Path.of(arguments[0]), settings);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(server.url());
      var cluster = new BenchCluster(major, server);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(cluster.answer(line).replace('\n', ' '));
      }
    }
  }

  private String answer(String line) {
    try {
      if (line.startsWith(START)) {
        return restored(Path.of(line.substring(START.length())));
      }
      if (line.equals("programs")) {
        return SourceCluster.programsOf(major).folder().toString();
      }
      if (line.startsWith("SELECT")) {
        return server.ask(line);
      }
      server.sql(line);
      return "done";
    } catch (Exception e) {
      return "error: " + e;
    }
  }

  private String restored(Path data) throws Exception {
    long beginNanos = System.nanoTime();
    try (SourceCluster copy = SourceCluster.restored(SourceCluster.programsOf(major), data)) {
      copy.ask("SELECT abalance FROM pgbench_accounts WHERE aid = 1");
      long millis = (System.nanoTime() - beginNanos) / 1_000_000;
      return millis
          + " "
          + copy.ask("SELECT count(*) || '/' || sum(abalance) FROM pgbench_accounts");
    }
  }
}
