package io.lifeboat.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.yml} says of Lifeboat itself, beside the keys of the web server. The engines,
 * the service and the command line all start from it. Relative paths were resolved against the
 * folder of the file that said them.
 *
 * @param workFolder for packs on their way to the store, caches and scratch: nothing in it is
 *     needed to restore
 * @param walPush where servers hand over their write-ahead log, if a plan says that they do
 */
public record Settings(
    Database database,
    Keys keys,
    Path workFolder,
    Operations operations,
    WalPush walPush,
    Map<String, Repository> repositories,
    Map<String, SourceConfig> sources,
    Map<String, PlanConfig> plans) {
  /** Copies the maps. */
  public Settings {
    repositories = Map.copyOf(repositories);
    sources = Map.copyOf(sources);
    plans = Map.copyOf(plans);
  }

  /**
   * Where the service keeps its history and schedules. Holds nothing that a restore needs.
   *
   * @param url JDBC, H2 or PostgreSQL
   */
  public record Database(String url, Optional<String> user, Optional<Secret> password) {}

  /**
   * Key files.
   *
   * @param service writes backups and lists them; cannot read their data
   * @param recovery reads data; only on nodes that restore or drill
   */
  public record Keys(Path service, Optional<Path> recovery) {}

  /**
   * How the service runs work.
   *
   * @param parallel how many operations run at once, of different sources; work on repositories
   *     runs one at a time beside them
   * @param stopWithin how long a stopping service waits for work to end cleanly
   */
  public record Operations(int parallel, Duration stopWithin) {}

  /**
   * The socket that {@code archive_command} speaks to.
   *
   * @param socket {@code push/socket} in the work folder by default
   * @param group who may use it beside the service's own user; nobody else by default
   */
  public record WalPush(Path socket, Optional<String> group) {}

  /**
   * A repository.
   *
   * @param prune how it is pruned
   * @param verify how it is verified
   */
  public record Repository(StoreConfig store, Optional<Prune> prune, Optional<Verify> verify) {
    /** How it is pruned, by default where nothing is said. */
    public Prune pruning() {
      return prune.orElseGet(
          () -> new Prune(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    /** How it is verified, by default where nothing is said. */
    public Verify verifying() {
      return verify.orElseGet(
          () -> new Verify(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }
  }

  /**
   * How a repository is pruned.
   *
   * @param grace between condemning objects and deleting them, 7 days by default
   * @param uncommitted how long objects stay that no snapshot names yet, 14 days by default
   * @param mostForgotten how many snapshots one run may forget, 50 by default
   * @param schedule when the service prunes it; only when it is asked to, where this is not said
   */
  public record Prune(
      Optional<Duration> grace,
      Optional<Duration> uncommitted,
      Optional<Integer> mostForgotten,
      Optional<PlanConfig.Schedule> schedule) {
    private static final Duration GRACE = Duration.ofDays(7);
    private static final Duration UNCOMMITTED = Duration.ofDays(14);
    private static final int MOST_FORGOTTEN = 50;

    /** The grace, by default where it is not said. */
    public Duration graceTime() {
      return grace.orElse(GRACE);
    }

    /** How long uncommitted objects stay, by default where it is not said. */
    public Duration uncommittedTime() {
      return uncommitted.orElse(UNCOMMITTED);
    }

    /** The bound on one run, by default where it is not said. */
    public int forgetsAtMost() {
      return mostForgotten.orElse(MOST_FORGOTTEN);
    }
  }

  /**
   * How a repository is verified. Without window and subset each run reads everything.
   *
   * @param level {@code L0} to {@code L2}, {@code L1} by default
   * @param window a time within which every pack is read again
   * @param subset a {@link Part} of all packs
   * @param schedule when the service verifies it; only when it is asked to, where this is not said
   */
  public record Verify(
      Optional<String> level,
      Optional<Duration> window,
      Optional<String> subset,
      Optional<PlanConfig.Schedule> schedule) {
    private static final String LEVEL = "L1";

    /** The level, by default where it is not said. */
    public String depth() {
      return level.orElse(LEVEL);
    }
  }
}
