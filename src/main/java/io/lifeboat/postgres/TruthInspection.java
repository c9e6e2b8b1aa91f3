package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.progress.Progress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;

/**
 * Takes the truth manifest of a cluster: looks before a backup and after it, and keeps what holds
 * for every moment between the two, as the backup's end is one of them. If no transaction wrote
 * anything meanwhile, the first look is the whole truth; otherwise tables are looked at again, and
 * the server's statistics say what was done to them.
 *
 * <p>Rows are counted for the first look while the backup runs, as that takes longest. A count that
 * was still under way when the backup ended is known by its place in the WAL; what is said then
 * rests on the second count and on what was done since the backup began.
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

  /** How long the backup waits for the counting: on a small cluster, all of it. */
  private static final Duration HEAD_START = Duration.ofSeconds(1);

  private static final int GLANCE_MILLIS = 200;

  private final PostgresServer server;
  private final Duration budget;
  private final Progress progress;
  private final Duration statisticsLag;
  private final Duration headStart;
  private final Set<String> gaps = Collections.synchronizedSet(new LinkedHashSet<>());
  private Optional<FirstLook> first = Optional.empty();
  private CompletableFuture<Map<String, DatabaseLook>> counted =
      CompletableFuture.completedFuture(Map.of());

  /**
   * An inspection.
   *
   * @param budget how long both looks may take together; zero for no manifest
   */
  public TruthInspection(PostgresServer server, Duration budget, Progress progress) {
    this(server, budget, progress, STATISTICS_LAG, HEAD_START);
  }

  TruthInspection(
      PostgresServer server,
      Duration budget,
      Progress progress,
      Duration statisticsLag,
      Duration headStart) {
    this.server = server;
    this.budget = budget;
    this.progress = progress;
    this.statisticsLag = statisticsLag;
    this.headStart = headStart;
  }

  /**
   * What was seen before the backup.
   *
   * @param cluster the time just before the databases
   */
  private record FirstLook(ClusterLook cluster, Map<String, DatabaseLook> databases) {}

  /**
   * The look before the backup. Rows may still be counted when it returns; that ends by itself
   * within the budget, also if nobody asks for the look after the backup.
   */
  public void before() {
    if (budget.isZero()) {
      return;
    }
    Deadline deadline = Deadline.in(budget.dividedBy(2));
    first =
        attempt(
            "the cluster",
            () -> {
              ClusterLook cluster = server.sql(ClusterLook::of);
              return new FirstLook(
                  cluster, looks(cluster.databases(), deadline, (database, oid) -> true));
            });
    first.ifPresent(look -> countBeside(look, deadline));
  }

  private void countBeside(FirstLook look, Deadline deadline) {
    counted = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("count-rows")
        .start(() -> {
          try {
            counted.complete(counted(look.databases(), deadline, (database, oid) -> true));
          } catch (RuntimeException e) {
            counted.completeExceptionally(e);
          }
        });
    awaitCounted(headStart)
        .ifPresentOrElse(
            looks -> {}, () -> progress.event("Rows are counted while the backup runs."));
  }

  /**
   * The look after the backup; empty if the budget is zero.
   *
   * @param end the end of the backup
   */
  public Optional<TruthManifest> after(Lsn end) {
    if (budget.isZero()) {
      return Optional.empty();
    }
    Optional<Map<String, DatabaseLook>> looks = awaitCounted(budget);
    if (looks.isEmpty()) {
      gaps.add("Nothing is known of any table: counting its rows took longer than the budget.");
    }
    return Optional.of(
        first
            .flatMap(look -> looks.map(all -> new FirstLook(look.cluster(), all)))
            .flatMap(before -> attempt("the cluster", () -> compare(before, end)))
            .orElseGet(() -> manifest(ClusterTruth.NONE, List.of())));
  }

  /** Empty if it takes longer. */
  private Optional<Map<String, DatabaseLook>> awaitCounted(Duration longest) {
    try {
      return Optional.of(counted.get(longest.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private TruthManifest compare(FirstLook before, Lsn end) {
    ClusterLook now = server.sql(ClusterLook::of);
    return before.cluster().isUntouched(now)
        ? manifest(now.truth(), untouched(before))
        : manifest(before.cluster().truth().both(now.truth()), again(before, now, end));
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

  private List<Database> again(FirstLook before, ClusterLook now, Lsn end) {
    if (!before.cluster().hasStatistics()
        || !now.hasStatistics()
        || !isVisible(now.at(), Deadline.in(statisticsLag))) {
      gaps.add(
          "Others wrote, and the server cannot tell to which tables, as it is a standby, has"
              + " track_counts off or waits for its own standby: no table's rows are known.");
      return List.of();
    }
    Deadline reported = Deadline.in(statisticsLag);
    Map<String, DatabaseLook> after = lookAgain(before.databases());
    if (after.values().stream().anyMatch(DatabaseLook::sawRows)) {
      await(reported);
    }
    var databases = new ArrayList<Database>();
    before
        .databases()
        .forEach((name, look) -> {
          Optional<DatabaseLook> second = Optional.ofNullable(after.get(name));
          second.ifPresent(later ->
              tables(name).ifPresent(last -> databases.add(look.until(end, later, last, name))));
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

  /** Only at what was seen before. */
  private Map<String, DatabaseLook> lookAgain(Map<String, DatabaseLook> before) {
    Deadline deadline = Deadline.in(budget.dividedBy(2));
    BiPredicate<String, String> wasSeen =
        (database, oid) ->
            Optional.ofNullable(before.get(database))
                .map(look -> look.tables().get(oid))
                .filter(TableObservation::sawRows)
                .isPresent();
    return counted(looks(List.copyOf(before.keySet()), deadline, wasSeen), deadline, wasSeen);
  }

  /**
   * Looks into databases, but counts nothing.
   *
   * @param worth which tables of which database to ask for their newest row, by oid
   */
  private Map<String, DatabaseLook> looks(
      List<String> databases, Deadline deadline, BiPredicate<String, String> worth) {
    return each(
        databases,
        deadline,
        (name, truth, share) -> truth.look(share, oid -> worth.test(name, oid)));
  }

  private Map<String, DatabaseLook> counted(
      Map<String, DatabaseLook> looks, Deadline deadline, BiPredicate<String, String> worth) {
    return each(
        List.copyOf(looks.keySet()),
        deadline,
        (name, truth, share) ->
            truth.counted(
                Optional.ofNullable(looks.get(name)).orElseThrow(),
                share,
                oid -> worth.test(name, oid)));
  }

  /** What is done in a database with its share of the time. */
  private interface Glance {
    DatabaseLook at(String database, DatabaseTruth truth, Deadline share) throws SQLException;
  }

  private Map<String, DatabaseLook> each(List<String> databases, Deadline deadline, Glance glance) {
    var looks = new LinkedHashMap<String, DatabaseLook>();
    int left = databases.size();
    for (String name : databases) {
      Deadline share = deadline.atMost(deadline.left().dividedBy(left--));
      attempt(
              "database " + name,
              () ->
                  in(name)
                      .sql(connection ->
                          glance.at(name, new DatabaseTruth(connection, progress), share)))
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
      throw interrupted(e);
    }
  }

  private static PermanentException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new PermanentException(
        ErrorCode.CANCELLED, "The backup was interrupted", "Run it again.", e);
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
