package io.lifeboat.config;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Source, repository, schedule, objectives and drill policy, under one name.
 *
 * @param retention what to keep; everything where it is not said
 * @param wal that the source's write-ahead log is streamed to the repository; it is not where this
 *     is not said
 * @param tags what each of the plan's snapshots is marked with
 * @param readBack a {@link ByteAmount} of what a backup stored that is read back at most when it is
 *     done; {@code off} or {@code 0} for nothing, 4 GiB by default
 */
public record PlanConfig(
    String source,
    String repository,
    Optional<Schedule> schedule,
    Optional<Retention> retention,
    Optional<Objectives> objectives,
    Optional<Drill> drill,
    Optional<Wal> wal,
    List<String> tags,
    Optional<String> readBack) {
  /** How much is read back where it is not said. */
  public static final long READ_BACK_BYTES = 4L << 30;

  /** YAML takes {@code off} without quotes for {@code false}. */
  private static final Set<String> NOTHING = Set.of("off", "false", "0");

  /** Copies the tags. */
  public PlanConfig {
    tags = List.copyOf(tags);
  }

  /** How many bytes of what a backup stored are read back at most; 0 for none. */
  public long readBackBytes() {
    return readBack
        .map(text -> readBackBytes(text).orElse(READ_BACK_BYTES))
        .orElse(READ_BACK_BYTES);
  }

  /** So many; empty if the text says nothing of the kind. */
  static OptionalLong readBackBytes(String text) {
    return NOTHING.contains(text) ? OptionalLong.of(0) : ByteAmount.parse(text);
  }

  /** Whether the source's server hands its write-ahead log over. */
  public boolean pushesWal() {
    return wal.filter(Wal::isPushed).isPresent();
  }

  /**
   * When something runs.
   *
   * @param cron five fields: minute, hour, day of month, month, day of week
   * @param zone UTC by default
   * @param jitter an upper bound; the delay is a fixed function of the plan's name
   */
  public record Schedule(
      String cron, Optional<ZoneId> zone, Optional<Duration> jitter, Optional<Misfire> misfire) {}

  /** What becomes of runs that were due while the service was down. */
  public enum Misfire {
    /** One run, at once. */
    RUN_ONCE,
    /** None; the skip is recorded. */
    SKIP
  }

  /**
   * Which snapshots to keep; rules add up.
   *
   * @param within all that are younger than this
   * @param keepTags all with a tag that fits one of these patterns, whatever their age
   */
  public record Retention(
      Optional<Integer> last,
      Optional<Integer> hourly,
      Optional<Integer> daily,
      Optional<Integer> weekly,
      Optional<Integer> monthly,
      Optional<Integer> yearly,
      Optional<Duration> within,
      List<String> keepTags) {
    /** Copies the patterns. */
    public Retention {
      keepTags = List.copyOf(keepTags);
    }
  }

  /**
   * How the write-ahead log of the plan's source comes to its repository while the service runs.
   *
   * @param transport who brings it; {@code stream} by default
   * @param slot the physical replication slot's name; {@code lifeboat_<plan>} by default
   * @param acknowledge when the server may let go of WAL; {@code repository} by default
   * @param flush how long WAL waits at most before it is sent; 10 s by default
   * @param spool a {@link ByteAmount} that may wait on this host; 1 GiB by default
   */
  public record Wal(
      Optional<Transport> transport,
      Optional<String> slot,
      Optional<Acknowledge> acknowledge,
      Optional<Duration> flush,
      Optional<String> spool) {
    /** Who brings it. */
    public enum Transport {
      /** The service fetches it, as a standby would. */
      stream,
      /** The server's {@code archive_command} hands over each segment that is complete. */
      push
    }

    /** When the server may let go of WAL. */
    public enum Acknowledge {
      /** Once it is on this host's disk. */
      local,
      /** Once it is in the repository. */
      repository
    }

    private static final Duration FLUSH = Duration.ofSeconds(10);
    private static final long SPOOL_BYTES = 1L << 30;

    /** Whether the server hands it over. */
    public boolean isPushed() {
      return transport.equals(Optional.of(Transport.push));
    }

    /** The slot of a plan. */
    public String slotOf(String plan) {
      return slot.orElse("lifeboat_" + plan.replace('-', '_'));
    }

    /** How long WAL waits at most. */
    public Duration flushInterval() {
      return flush.orElse(FLUSH);
    }

    /** How many bytes may wait on this host. */
    public long spoolBytes() {
      return spool.map(ByteAmount::parse).orElse(OptionalLong.empty()).orElse(SPOOL_BYTES);
    }
  }

  /** What the plan promises; drills are judged against it. */
  public record Objectives(
      Optional<Duration> rpo, Optional<Duration> rto, Optional<Duration> provenWithin) {}

  /**
   * How the plan's snapshots are proven.
   *
   * @param controls when copies that are damaged on purpose are drilled, to prove the prover
   * @param scratch docker where it is not said and an engine answers, else process
   * @param image the scratch container's image (docker)
   * @param programs folder with {@code postgres} and {@code initdb} (process); found by itself
   *     where PostgreSQL is installed
   * @param select which of the plan's snapshots is proven; the newest where it is not said
   * @param within how far back {@code select} looks; to the oldest that is kept, where it is not
   *     said
   * @param pointInTime whether a second copy recovers to a random instant behind the snapshot; yes
   *     where the plan takes WAL
   */
  public record Drill(
      Optional<Schedule> schedule,
      Optional<Schedule> controls,
      Optional<ScratchKind> scratch,
      Optional<String> image,
      Optional<java.nio.file.Path> programs,
      Optional<String> level,
      List<Check> checks,
      Optional<Select> select,
      Optional<Duration> within,
      Optional<Boolean> pointInTime) {
    /** Copies the checks. */
    public Drill {
      checks = checks == null ? List.of() : List.copyOf(checks);
    }
  }

  /** Which of a plan's snapshots a drill proves. */
  public enum Select {
    /** The newest. */
    newest,
    /** The oldest that is kept. */
    oldest,
    /** Any, each as likely as the others. */
    random,
    /** The one never drilled, or drilled longest ago: repeated drills come round to all. */
    unproven
  }

  /** Where a drill restores to. */
  public enum ScratchKind {
    /** A container without a network. */
    docker,
    /** Local PostgreSQL programs in a temporary folder. */
    process
  }

  /**
   * One assertion on the restored database.
   *
   * @param sql a query that answers one value
   * @param expect a comparison with a literal: {@code > 0}, {@code = 42}, {@code >= 2024-01-01},
   *     {@code = 'paid'}
   * @param meaning what its failure means, as a sentence for whoever is called at night
   * @param database where to ask; the source's by default
   */
  public record Check(
      String id, String sql, String expect, String meaning, Optional<String> database) {}
}
