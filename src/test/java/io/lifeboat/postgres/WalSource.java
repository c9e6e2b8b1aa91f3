package io.lifeboat.postgres;

import io.lifeboat.repository.WalPiece;
import io.lifeboat.repository.WalTimes;
import io.lifeboat.repository.WalWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A real server whose write-ahead log is brought to an archive by hand. */
public final class WalSource implements AutoCloseable {
  private static final int SEGMENT_BYTES = 1 << 20;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "max_prepared_transactions", "5",
          "max_connections", "30",
          "min_wal_size", "512MB",
          "max_wal_size", "1GB",
          "autovacuum", "off",
          "wal_keep_size", "256MB",
          "archive_mode", "on",
          "archive_command", "true");

  private final EmbeddedCluster cluster;
  private final PostgresPrograms programs;
  private long shippedTo;

  private WalSource(PostgresPrograms programs, EmbeddedCluster cluster) {
    this.programs = programs;
    this.cluster = cluster;
  }

  /** A running server of a major version, with segments of 1 MiB. */
  public static WalSource start(int major, Path folder) throws Exception {
    PostgresPrograms programs =
        EmbeddedPrograms.ofEveryVersion().stream()
            .filter(one -> one.major() == major)
            .findFirst()
            .orElseThrow();
    return start(programs, folder);
  }

  /** The same with all of PostgreSQL's programs, where they are installed. */
  public static WalSource startInstalled(int major, Path folder) throws Exception {
    return start(PostgresPrograms.find(major, Optional.empty(), ""), folder);
  }

  private static WalSource start(PostgresPrograms programs, Path folder) throws Exception {
    Files.createDirectories(folder);
    EmbeddedCluster cluster = EmbeddedCluster.create(programs, folder, "--wal-segsize=1");
    var source = new WalSource(programs, cluster.start(SETTINGS));
    source.shippedTo =
        Lsn.parse(source.ask("SELECT pg_current_wal_lsn()")).position()
            / SEGMENT_BYTES
            * SEGMENT_BYTES;
    return source;
  }

  public EmbeddedClusterCopy copy(Path data) throws Exception {
    return new EmbeddedClusterCopy(EmbeddedCluster.existing(programs, data));
  }

  /** A copy that was restored. */
  public static final class EmbeddedClusterCopy implements AutoCloseable {
    private final EmbeddedCluster cluster;

    private EmbeddedClusterCopy(EmbeddedCluster cluster) {
      this.cluster = cluster;
    }

    /** Starts it and waits until its recovery is over. */
    public EmbeddedClusterCopy start() throws Exception {
      cluster.start(new TreeMap<>());
      cluster.awaitRecovered();
      return this;
    }

    public String ask(String query) {
      return cluster.ask(query);
    }

    public void sql(String... statements) {
      cluster.sql(statements);
    }

    public String log() throws Exception {
      return cluster.log();
    }

    @Override
    public void close() throws Exception {
      cluster.close();
    }
  }

  public void sql(String... statements) {
    cluster.sql(statements);
  }

  public String ask(String query) {
    return cluster.ask(query);
  }

  /** Starts it anew with another value of a setting. */
  public void restart(String setting, String value) throws Exception {
    cluster.stop("INT");
    var settings = new TreeMap<>(SETTINGS);
    settings.put(setting, value);
    cluster.start(settings);
  }

  public String url() {
    PostgresAddress address = cluster.superuser();
    return "postgresql://postgres@" + address.host() + ":" + address.port() + "/postgres";
  }

  /** Where its programs are. */
  public Path programs() {
    return programs.folder();
  }

  /** Now, by the server's clock. */
  public Instant now() {
    return Instant.parse(
        ask(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
  }

  public String systemIdentifier() {
    return ask("SELECT system_identifier FROM pg_control_system()");
  }

  /** Stores what was flushed since the last time; answers the pieces. */
  public List<WalPiece> ship(WalWriter writer) throws Exception {
    return ship(writer, 1);
  }

  /** The same, for what a copy of it wrote on another timeline. */
  public static List<WalPiece> shipAll(EmbeddedClusterCopy copy, WalWriter writer, int timeline)
      throws Exception {
    return new WalSource(copy.cluster, timeline).ship(writer, timeline);
  }

  private WalSource(EmbeddedCluster cluster, int timeline) throws Exception {
    this.cluster = cluster;
    this.programs = EmbeddedPrograms.unpacked();
    Path history =
        cluster
            .data()
            .resolve("pg_wal")
            .resolve(String.format(Locale.ROOT, "%08X.history", timeline));
    String[] last =
        Files.readString(history, StandardCharsets.UTF_8)
            .strip()
            .lines()
            .toList()
            .getLast()
            .split("\t", -1);
    this.shippedTo = Lsn.parse(last[1]).position() / SEGMENT_BYTES * SEGMENT_BYTES;
  }

  private List<WalPiece> ship(WalWriter writer, int timeline) throws Exception {
    long flushed = Lsn.parse(ask("SELECT pg_current_wal_flush_lsn()")).position();
    Instant now = now();
    var pieces = new ArrayList<WalPiece>();
    long from = shippedTo;
    while (from < flushed) {
      long segment = from / SEGMENT_BYTES;
      long to = Math.min(flushed, (segment + 1) * SEGMENT_BYTES);
      Path file =
          cluster
              .data()
              .resolve("pg_wal")
              .resolve(
                  String.format(
                      Locale.ROOT, "%08X%08X%08X", timeline, segment / 4096, segment % 4096));
      byte[] bytes = Files.readAllBytes(file);
      int begin = (int) (from % SEGMENT_BYTES);
      int end = (int) (to - segment * SEGMENT_BYTES);
      var piece = new WalPiece(timeline, segment, begin, end);
      writer.store(piece, new WalTimes(now, now), Arrays.copyOfRange(bytes, begin, end));
      pieces.add(piece);
      from = to;
    }
    shippedTo = from;
    return pieces;
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
