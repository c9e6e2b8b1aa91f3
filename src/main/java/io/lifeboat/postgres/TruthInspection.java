package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.progress.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the truth manifest of a cluster: looks before a backup and after it, and keeps what holds
 * for every moment between the two, as the backup's end is one of them. If no transaction wrote
 * anything meanwhile, the first look is the whole truth; otherwise tables are looked at again, and
 * the server's statistics say what was done to them.
 *
 * <p>A backup never fails for want of a manifest: what stands in the way becomes a gap. For one
 * thread, once.
 */
public final class TruthInspection {
  /** How long both looks may take together if nobody says otherwise. */
  public static final Duration USUAL_BUDGET = Duration.ofSeconds(20);

  /**
   * Until then a session that became idle has reported what it did: pgstat reports once a second
   * while busy, and ten seconds after it became idle (PGSTAT_IDLE_INTERVAL in {@code pgstat.c}).
   */
  private static final Duration STATISTICS_LAG = Duration.ofSeconds(11);

  private static final int GLANCE_MILLIS = 200;

  private final PostgresServer server;
  private final Duration budget;
  private final Progress progress;
  private final Duration statisticsLag;
  private final Set<String> gaps = new LinkedHashSet<>();
  private Optional<FirstLook> first = Optional.empty();

  /**
   * An inspection.
   *
   * @param budget how long both looks may take together; zero for no manifest
   */
  public TruthInspection(PostgresServer server, Duration budget, Progress progress) {
    this(server, budget, progress, STATISTICS_LAG);
  }

  TruthInspection(
      PostgresServer server, Duration budget, Progress progress, Duration statisticsLag) {
    this.server = server;
    this.budget = budget;
    this.progress = progress;
    this.statisticsLag = statisticsLag;
  }

  /**
   * What was seen before the backup.
   *
   * @param cluster the time just before the databases
   */
  private record FirstLook(ClusterLook cluster, Map<String, DatabaseLook> databases) {}

  /** The look before the backup. */
  public void before() {
    if (!budget.isZero()) {
      first =
          attempt(
              "the cluster",
              () -> {
                ClusterLook cluster = server.sql(ClusterLook::of);
                return new FirstLook(
                    cluster,
                    looks(cluster.databases(), Map.of(), Deadline.in(budget.dividedBy(2))));
              });
    }
  }

  /** The look after the backup; empty if the budget is zero. */
  public Optional<TruthManifest> after() {
    return budget.isZero()
        ? Optional.empty()
        : Optional.of(
            first
                .flatMap(before -> attempt("the cluster", () -> compare(before)))
                .orElseGet(() -> manifest(ClusterTruth.NONE, List.of())));
  }

  private TruthManifest compare(FirstLook before) {
    ClusterLook now = server.sql(ClusterLook::of);
    return before.cluster().isUntouched(now)
        ? manifest(now.truth(), untouched(before))
        : manifest(before.cluster().truth().both(now.truth()), again(before, now));
  }

  private TruthManifest manifest(ClusterTruth cluster, List<Database> databases) {
    databases.forEach(this::tellOfMissingRights);
    return new TruthManifest(
        databases, cluster.roles(), cluster.memberships(), cluster.settings(), List.copyOf(gaps));
  }

  private void tellOfMissingRights(Database database) {
    var denied = new RowCount.NotCounted(DatabaseTruth.DENIED);
    long tables =
        database.relations().stream().filter(relation -> relation.rows().equals(denied)).count();
    if (tables > 0) {
      gaps.add(
          tables
              + " tables of database "
              + database.name()
              + " were not counted, as the role may not read all of them; mend it with GRANT"
              + " pg_read_all_data TO "
              + ConnectionFailures.quoted(server.address().user())
              + "; (where row security hides rows, with ALTER ROLE … BYPASSRLS;).");
    }
  }

  private static List<Database> untouched(FirstLook before) {
    return before.databases().entrySet().stream()
        .map(entry -> entry.getValue().untouched(entry.getKey()))
        .toList();
  }

  private List<Database> again(FirstLook before, ClusterLook now) {
    if (!before.cluster().hasStatistics()
        || !now.hasStatistics()
        || !isVisible(now.at(), Deadline.in(statisticsLag))) {
      gaps.add(
          "Others wrote, and the server cannot tell to which tables, as it is a standby, has"
              + " track_counts off or waits for its own standby: no table's rows are known.");
      return List.of();
    }
    Deadline reported = Deadline.in(statisticsLag);
    Map<String, DatabaseLook> after =
        looks(
            List.copyOf(before.databases().keySet()),
            before.databases(),
            Deadline.in(budget.dividedBy(2)));
    if (after.values().stream().anyMatch(DatabaseLook::sawRows)) {
      await(reported);
    }
    var databases = new ArrayList<Database>();
    before
        .databases()
        .forEach((name, look) -> {
          Optional<DatabaseLook> second = Optional.ofNullable(after.get(name));
          second.ifPresent(later ->
              tables(name).ifPresent(last -> databases.add(look.until(later, last, name))));
        });
    return databases;
  }

  /**
   * Waits until all commits of before this time can be seen: one that waits for a synchronous
   * standby is in the WAL, and so in every copy, but not yet in what others see.
   */
  private boolean isVisible(String at, Deadline deadline) {
    while (true) {
      boolean waits =
          server
              .sql(connection ->
                  PostgresServer.value(
                      connection,
                      "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                          + " AND query_start <= ?::timestamptz LIMIT 1",
                      at))
              .isPresent();
      if (!waits || deadline.isOver()) {
        return !waits;
      }
      pause(deadline);
    }
  }

  /** Looks into databases, each with its share of the time; only at what was seen before. */
  private Map<String, DatabaseLook> looks(
      List<String> databases, Map<String, DatabaseLook> seen, Deadline deadline) {
    var looks = new LinkedHashMap<String, DatabaseLook>();
    int left = databases.size();
    for (String name : databases) {
      Deadline share = deadline.atMost(deadline.left().dividedBy(left--));
      Optional<Map<String, TableObservation>> before =
          Optional.ofNullable(seen.get(name)).map(DatabaseLook::tables);
      attempt(
              "database " + name,
              () ->
                  in(name)
                      .sql(connection ->
                          new DatabaseTruth(connection, progress)
                              .look(
                                  share,
                                  oid ->
                                      before.isEmpty()
                                          || Optional.ofNullable(before.get().get(oid))
                                              .filter(TableObservation::sawRows)
                                              .isPresent())))
          .ifPresent(look -> looks.put(name, look));
    }
    return looks;
  }

  private Optional<Map<String, TableObservation>> tables(String database) {
    return attempt(
        "database " + database,
        () -> in(database).sql(connection -> new DatabaseTruth(connection, progress).tables()));
  }

  private PostgresServer in(String database) {
    return new PostgresServer(server.address().withDatabase(database));
  }

  private void await(Deadline deadline) {
    while (!deadline.isOver()) {
      pause(deadline);
    }
  }

  private void pause(Deadline deadline) {
    progress.checkCancelled();
    try {
      Thread.sleep(Math.min(GLANCE_MILLIS, deadline.left().toMillis() + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The backup was interrupted", "Run it again.", e);
    }
  }

  /** Work that may fail without harm. */
  private interface Attempt<T> {
    T run();
  }

  private <T> Optional<T> attempt(String what, Attempt<T> work) {
    try {
      return Optional.of(work.run());
    } catch (LifeboatException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        throw e;
      }
      gaps.add("Nothing is known of " + what + ": " + e.getMessage() + ".");
      return Optional.empty();
    }
  }
}
