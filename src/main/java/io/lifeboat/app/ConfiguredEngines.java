package io.lifeboat.app;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.config.Tags;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.ObjectRecovery;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.drill.ProofBasis;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.drill.RtoForecast;
import io.lifeboat.drill.SnapshotChoice;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.ProofCoverage;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.postgres.RecoveryTimeline;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Affected;
import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.ClusterTarget;
import io.lifeboat.restore.PointInTime;
import io.lifeboat.restore.RecoveringTarget;
import io.lifeboat.restore.RecoveryGoal;
import io.lifeboat.restore.RecoveryPlan;
import io.lifeboat.restore.RecoveryRange;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreTarget;
import io.lifeboat.retention.PruneResult;
import io.lifeboat.schedule.FireTimes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The engines over an installation's repositories, sources and plans. Thread-safe. */
final class ConfiguredEngines implements Engines, AutoCloseable {
  private final Installation installation;
  private final OpenRepositories repositories;
  private final SecureRandom random;
  private final Clock clock;
  private final BackupEngine backups;
  private final RestoreEngine restores = new RestoreEngine();
  private final PlanDrills drills;
  private final Upkeep upkeep;
  private final Recoveries recoveries;

  ConfiguredEngines(Installation installation, SecureRandom random, Clock clock) {
    this.installation = installation;
    this.repositories = new OpenRepositories(installation, random, clock);
    this.random = random;
    this.clock = clock;
    this.backups = new BackupEngine(new SnapshotIds(clock, random), clock);
    this.drills = new PlanDrills(installation, repositories, clock);
    this.upkeep = new Upkeep(installation, repositories, clock);
    this.recoveries = new Recoveries(repositories);
  }

  @Override
  public BackupResult backup(BackupOrder order, Progress progress) {
    String plan = order.plan();
    PlanConfig config = plan(plan);
    SourceConfig source = installation.sources().get(config.source());
    if (source == null) {
      throw new PermanentException(
          ErrorCode.SOURCE_UNKNOWN,
          "Plan '" + plan + "' names the source '" + config.source() + "', which is not configured",
          "Add it below `sources`.");
    }
    Repository repository = repositories.getForWriting(config.repository());
    Path cache =
        installation
            .workFolder()
            .resolve("cache")
            .resolve(repository.id().toString())
            .resolve(config.source());
    return backups.run(
        new BackupEngine.Order(
            repository,
            plan,
            config.source(),
            source,
            Tags.joined(config.tags(), order.tags()),
            cache,
            config.readBackBytes()),
        progress);
  }

  @Override
  public PruneResult prune(PruneOrder order, Progress progress) {
    return upkeep.prune(order, progress);
  }

  @Override
  public VerifyReport verify(String repository, VerifyOrder order, Progress progress) {
    return upkeep.verify(repository, order, progress);
  }

  /** What prunes and verifies. */
  Upkeep upkeep() {
    return upkeep;
  }

  private PlanConfig plan(String name) {
    PlanConfig plan = installation.plans().get(name);
    if (plan == null) {
      throw new PermanentException(
          ErrorCode.PLAN_UNKNOWN,
          "There is no plan called '" + name + "'",
          "The configuration has these: "
              + String.join(", ", installation.plans().keySet().stream().sorted().toList()));
    }
    return plan;
  }

  @Override
  public RestoreResult restore(RestoreOrder order, Progress progress) {
    return restore(order, progress, Repository::read);
  }

  /** Restores what is left of a snapshot whose packs are missing or damaged. */
  RestoreResult restoreWhatIsLeft(
      RestoreOrder order, Progress progress, Consumer<Affected> leftOut) {
    return restore(
        order, progress, (repository, id) -> repository.readWhatIsLeft(id, leftOut, progress));
  }

  private RestoreResult restore(
      RestoreOrder order,
      Progress progress,
      BiFunction<Repository, String, SnapshotReader> opening) {
    Instant started = clock.instant();
    RestoreOptions options = order.options();
    options.check(order.target());
    Optional<Recoveries.Way> way = order.goal().map(goal -> way(order, goal, progress));
    Found found =
        way.map(one -> new Found(one.repository(), one.plan().snapshot(), List.of()))
            .orElseGet(() -> find(order.source(), order.snapshot()));
    boolean cluster =
        found.info().sourceType().equals("postgres") && order.selection().isEverything();
    List<String> notes = new ArrayList<>(found.notes());
    try (SnapshotReader reader = opening.apply(found.repository(), found.info().id());
        RestoreTarget place =
            cluster
                ? options.cluster(order.target(), random)
                : options.folder(order.target(), random);
        RestoreTarget target =
            way.filter(one -> !options.dryRun())
                .<RestoreTarget>map(one -> recovering(place, one.plan(), reader, progress))
                .orElse(place)) {
      progress.expect(found.info().sizeBytes());
      RestoreEngine.Restored restored =
          restores.restore(reader, order.selection(), target, progress);
      if (options.dryRun()) {
        notes.add("This was a dry run: nothing was touched");
      } else if (found.info().sourceType().equals(LogicalLayout.TYPE)) {
        notes.add("README.txt there says how psql loads it; `lifeboat load` does that by itself");
      } else if (place instanceof ClusterTarget restoredCluster) {
        restoredCluster
            .tablespaces()
            .forEach((oid, folder) -> notes.add("Tablespace " + oid + " is in " + folder));
        notes.add(
            "Start PostgreSQL on "
                + order.target()
                + ": it replays the WAL of the backup by itself"
                + way.map(one -> ", on to " + one.plan().target()).orElse(""));
        way.ifPresent(one ->
            notes.add(
                "archive_mode is off in its postgresql.auto.conf, so that it cannot write into the"
                    + " source's archive: take that out if it takes the source's place"));
      }
      return new RestoreResult(
          found.info().id(),
          restored,
          Duration.between(started, clock.instant()),
          notes,
          way.map(one -> RestoreResult.Recovery.of(one.plan())));
    }
  }

  private Recoveries.Way way(RestoreOrder order, RecoveryGoal goal, Progress progress) {
    if (!order.selection().isEverything()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "A part of a snapshot cannot be restored to a point in time",
          "Leave --path and --exclude out, or the point in time.");
    }
    return recoveries.find(order.source(), order.snapshot(), goal, progress);
  }

  private static RecoveringTarget recovering(
      RestoreTarget place, RecoveryPlan plan, SnapshotReader reader, Progress progress) {
    return new RecoveringTarget(
        place, plan, ClusterFacts.fromJson(reader.root().facts()).floors(), progress);
  }

  @Override
  public ObjectResult restoreObject(ObjectRestore order, Progress progress) {
    Recoveries.Way way = recoveries.find(order.source(), order.snapshot(), order.goal(), progress);
    try (SnapshotReader reader = way.repository().read(way.plan().snapshot().id())) {
      return new ObjectRecovery(drills.scratches(), clock)
          .run(order.object().in(drills.place(order.source())), reader, way.plan(), progress);
    }
  }

  /**
   * Opens a snapshot of a source for reading; the newest one, if none is named.
   *
   * @throws PermanentException with code {@code SNAPSHOT_UNKNOWN}, or what the repository says
   */
  SnapshotReader read(String source, Optional<String> snapshot) {
    Found found = find(source, snapshot);
    return found.repository().read(found.info().id());
  }

  @Override
  public DrillResult drill(DrillOrder order, Progress progress) {
    Chosen chosen =
        order
            .snapshot()
            .map(id -> new Chosen(named(id), SnapshotChoice.NAMED))
            .orElseGet(() -> choose(order));
    Found found = chosen.found();
    found.problems().forEach(progress::event);
    Optional<Instant> newest =
        chosen.how().equals(PlanConfig.Select.newest.name())
            ? Optional.of(newestPoint(order.plan(), found.info(), progress))
            : Optional.empty();
    return drills.run(
        order,
        found.repository(),
        found.info(),
        new PlanDrills.Chosen(chosen.how(), newest, point(order.plan(), found, progress)),
        progress);
  }

  /** What finds a random instant behind a snapshot, for plans that take WAL. */
  private Optional<Supplier<Optional<RecoveryPlan>>> point(
      String plan, Found found, Progress progress) {
    Optional<PlanConfig> config = Optional.ofNullable(installation.plans().get(plan));
    boolean wanted =
        config
            .flatMap(PlanConfig::drill)
            .flatMap(PlanConfig.Drill::pointInTime)
            .orElseGet(() -> config.flatMap(PlanConfig::wal).isPresent());
    return wanted && found.info().wal().isPresent()
        ? Optional.of(() -> anyPoint(found, progress))
        : Optional.empty();
  }

  private Optional<RecoveryPlan> anyPoint(Found found, Progress progress) {
    var points = new PointInTime(found.repository(), progress);
    List<SnapshotInfo> snapshot = List.of(found.info());
    return points.ranges(snapshot).stream()
        .findFirst()
        .filter(range -> range.until().isAfter(range.since()))
        .map(range -> {
          long millis = Duration.between(range.since(), range.until()).toMillis();
          Instant at = range.since().plusMillis(random.nextLong(millis + 1));
          return points.plan(
              snapshot, new RecoveryTarget.Time(at, true), new RecoveryTimeline.Newest());
        });
  }

  /** A snapshot, and how it came to be chosen. */
  private record Chosen(Found found, String how) {}

  private Chosen choose(DrillOrder order) {
    String plan = order.plan();
    SnapshotChoice choice =
        order.choice().orElseGet(() -> SnapshotChoice.of(installation.plans().get(plan)));
    if (choice.select() == PlanConfig.Select.newest) {
      Found found = newest(info -> info.plan().equals(plan), "plan " + plan);
      return new Chosen(found, PlanConfig.Select.newest.name());
    }
    Map<String, Found> candidates = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      Repository.Listing listing = repository.listing();
      problems.addAll(listing.problems());
      listing.snapshots().stream()
          .filter(info -> info.plan().equals(plan))
          .forEach(info ->
              candidates.putIfAbsent(info.id(), new Found(repository, info, listing.problems())));
    }
    if (candidates.isEmpty()) {
      throw unknown("snapshot of plan " + plan);
    }
    SnapshotChoice.Made made =
        choice.among(
            candidates.values().stream().map(Found::info).toList(), clock.instant(), random);
    return new Chosen(
        Optional.ofNullable(candidates.get(made.snapshot().id())).orElseThrow(),
        made.how() + (problems.isEmpty() ? "" : " whose log entries are sound"));
  }

  @Override
  public ControlReport controls(ControlOrder order, Progress progress) {
    Found found = newest(info -> info.plan().equals(order.plan()), "plan " + order.plan());
    return drills.controls(
        order,
        found.repository(),
        found.info(),
        newestPoint(order.plan(), found.info(), progress),
        progress);
  }

  /** The newest point that a plan's source can be brought back to. */
  private Instant newestPoint(String plan, SnapshotInfo newest, Progress progress) {
    boolean hasWal =
        Optional.ofNullable(installation.plans().get(plan)).flatMap(PlanConfig::wal).isPresent();
    if (!hasWal) {
      return newest.startedAt();
    }
    try {
      return recoveries.ranges(newest.source(), progress).stream()
          .map(RecoveryRange::until)
          .max(Instant::compareTo)
          .filter(until -> until.isAfter(newest.startedAt()))
          .orElse(newest.startedAt());
    } catch (LifeboatException e) {
      progress.event("The WAL behind the snapshot cannot be read: " + e.getMessage());
      return newest.startedAt();
    }
  }

  @Override
  public List<Listed> listed(Optional<String> source) {
    return listing(source).snapshots();
  }

  /**
   * Snapshots, newest first, each once.
   *
   * @param problems what is wrong with the logs, a sentence each
   * @param unfinished first copies that have not ended and show nothing, a sentence each
   * @param drills all that there were, also of snapshots that are gone, each once
   */
  record Listing(
      List<Listed> snapshots,
      List<String> problems,
      List<String> unfinished,
      List<DrillSummary> drills) {}

  /** All snapshots of all repositories, or those of one source. */
  Listing listing(Optional<String> source) {
    Map<String, Listed> all = new LinkedHashMap<>();
    Map<String, DrillSummary> drills = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      Repository.Listing listing = repository.listing();
      problems.addAll(listing.problems());
      listing.drills().forEach(drill -> drills.putIfAbsent(drill.drill(), drill));
      Map<String, ProofBasis> bases = bases(listing);
      for (SnapshotInfo info : listing.snapshots()) {
        // Repositories with one id are one repository.
        all.computeIfAbsent(
                repository.id() + "/" + info.id(),
                id ->
                    new Listed(
                        info,
                        new ArrayList<>(),
                        Optional.ofNullable(listing.held().get(info.id())),
                        standing(info, bases)))
            .repositories()
            .add(name);
      }
    }
    List<Listed> chosen =
        all.values().stream()
            .filter(one -> source.isEmpty() || one.info().source().equals(source.get()))
            .sorted(Comparator.comparing((Listed one) -> one.info().startedAt()).reversed())
            .toList();
    return new Listing(
        chosen, problems, repositories.unfinishedCopies(), List.copyOf(drills.values()));
  }

  @Override
  public List<ProofCoverage> proofs(Optional<String> plan) {
    return coverage(plan).plans();
  }

  /**
   * How much is proven.
   *
   * @param notes what is not counted, a sentence each
   * @param problems what is wrong with the logs, a sentence each
   */
  record Proofs(List<ProofCoverage> plans, List<String> notes, List<String> problems) {}

  /**
   * The coverage of all plans that are configured, or of those that snapshots name where nothing is
   * configured; or of one plan.
   */
  Proofs coverage(Optional<String> plan) {
    Listing listing = listing(Optional.empty());
    Map<String, String> sources = new TreeMap<>();
    listing.snapshots().forEach(one -> sources.put(one.info().plan(), one.info().source()));
    installation.plans().forEach((name, config) -> sources.put(name, config.source()));
    plan.filter(name -> !sources.containsKey(name)).ifPresent(this::plan);
    Predicate<String> wanted =
        plan.<Predicate<String>>map(name -> name::equals)
            .orElse(
                name -> installation.plans().isEmpty() || installation.plans().containsKey(name));
    List<ProofCoverage> plans =
        sources.entrySet().stream()
            .filter(entry -> wanted.test(entry.getKey()))
            .map(entry ->
                ProofCoverage.of(
                        entry.getKey(),
                        entry.getValue(),
                        listing.snapshots(),
                        nextDrill(entry.getKey()))
                    .with(forecast(entry.getKey(), listing.drills())))
            .toList();
    List<String> notes =
        sources.keySet().stream()
            .filter(name -> plan.isEmpty() && !wanted.test(name))
            .map(name ->
                "Snapshots of plan "
                    + name
                    + ", which is not configured, are left out; `lifeboat proofs "
                    + name
                    + "` shows them")
            .toList();
    return new Proofs(plans, notes, listing.problems());
  }

  private RtoForecast forecast(String plan, List<DrillSummary> drills) {
    return RtoForecast.of(
        plan,
        drills,
        Optional.ofNullable(installation.plans().get(plan))
            .flatMap(PlanConfig::objectives)
            .flatMap(PlanConfig.Objectives::rto),
        clock.instant());
  }

  private Optional<Instant> nextDrill(String plan) {
    return Optional.ofNullable(installation.plans().get(plan))
        .flatMap(PlanConfig::drill)
        .flatMap(PlanConfig.Drill::schedule)
        .map(schedule -> FireTimes.of(plan, OperationType.DRILL, schedule))
        .flatMap(times -> times.next(clock.instant()));
  }

  /** What the proofs of each plan's snapshots in a repository are held against. */
  private Map<String, ProofBasis> bases(Repository.Listing listing) {
    Map<String, ProofBasis> bases = new HashMap<>();
    listing.snapshots().stream()
        .collect(Collectors.groupingBy(SnapshotInfo::plan))
        .forEach((plan, snapshots) ->
            bases.put(
                plan, ProofBasis.of(installation.plans().get(plan), listing.readers(), snapshots)));
    return bases;
  }

  private ProofStanding standing(SnapshotInfo info, Map<String, ProofBasis> bases) {
    ProofBasis basis = Optional.ofNullable(bases.get(info.plan())).orElseThrow();
    return ProofStanding.of(info, basis, clock.instant());
  }

  @Override
  public byte[] evidence(String drill) {
    for (String name : repositories.names()) {
      Optional<byte[]> found = repositories.get(name).evidence().find(drill);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new PermanentException(
        ErrorCode.EVIDENCE_UNKNOWN,
        "No repository has evidence of a drill " + drill,
        "`lifeboat snapshots --json` and GET /v1/snapshots show the last drill of each snapshot.");
  }

  @Override
  public String evidencePage(String drill) {
    return EvidencePage.html(EvidenceDocument.parse(evidence(drill)));
  }

  /**
   * A snapshot and where it lies.
   *
   * @param problems what is wrong with the log there
   */
  private record Found(Repository repository, SnapshotInfo info, List<String> problems) {
    List<String> notes() {
      return problems.isEmpty()
          ? List.of()
          : List.of(
              "The commit log is damaged, so there may be a newer snapshot: "
                  + String.join("; ", problems)
                  + ". `lifeboat repair --dry-run`, with the recovery kit, says what can be"
                  + " mended");
    }
  }

  private Found find(String source, Optional<String> snapshot) {
    if (snapshot.isEmpty()) {
      return newest(info -> info.source().equals(source), "source " + source);
    }
    Found found = named(snapshot.get());
    if (!found.info().source().equals(source)) {
      throw new PermanentException(
          ErrorCode.SNAPSHOT_UNKNOWN,
          "Snapshot "
              + snapshot.get()
              + " is of source "
              + found.info().source()
              + ", not "
              + source,
          "Name that source, or choose another snapshot.");
    }
    return found;
  }

  private Found named(String snapshot) {
    String what = "snapshot " + snapshot;
    Optional<PermanentException> broken = Optional.empty();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      Repository.Listing listing = repository.listing();
      Optional<SnapshotInfo> info =
          listing.snapshots().stream().filter(found -> found.id().equals(snapshot)).findFirst();
      if (info.isPresent()) {
        return new Found(repository, info.get(), listing.problems());
      }
      broken = broken.or(() -> listing.broken(what));
    }
    throw broken.orElseGet(() -> unknown(what));
  }

  private Found newest(Predicate<SnapshotInfo> wanted, String what) {
    Optional<Found> newest = Optional.empty();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      // Within a repository its log says what is newest; between two there is nothing but their
      // clocks. One that a copy has as well is taken from the original.
      Optional<Found> first =
          repository.newest(wanted).map(info -> new Found(repository, info, List.of()));
      newest =
          Stream.concat(newest.stream(), first.stream())
              .max(Comparator.comparing(found -> found.info().startedAt()));
    }
    return newest.orElseThrow(() -> unknown("snapshot of " + what));
  }

  private PermanentException unknown(String what) {
    List<String> unfinished = repositories.unfinishedCopies();
    return new PermanentException(
        ErrorCode.SNAPSHOT_UNKNOWN,
        "There is no " + what,
        unfinished.isEmpty()
            ? "`lifeboat snapshots` lists what there is."
            : String.join(". ", unfinished) + ".");
  }

  OpenRepositories repositories() {
    return repositories;
  }

  ScratchFactory scratches() {
    return drills.scratches();
  }

  @Override
  public void close() {
    drills.close();
    repositories.close();
  }
}
