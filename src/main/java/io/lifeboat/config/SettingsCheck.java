package io.lifeboat.config;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for what is wrong between values that are each well-formed. Finds everything at once. */
final class SettingsCheck {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern LEVEL = Pattern.compile("L[0-7]");
  private static final Pattern DEPTH = Pattern.compile("L[0-2]");
  private static final long LEAST_RATE_BYTES = 32 << 10;
  private static final long MOST_RATE_BYTES = 1 << 30;
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final Duration SHORTEST_FLUSH = Duration.ofMillis(100);
  private static final long LEAST_SPOOL_BYTES = 64 << 20;
  private static final int MOST_SOCKET_BYTES = 106; // Linux takes 107; it is made beside its place
  private static final int MOST_JOBS = 32; // each holds up to 32 MiB
  private static final Duration SHORTEST_LOCK = Duration.ofDays(1);
  private static final Duration LONGEST_LOCK = Duration.ofDays(36_500); // what S3 accepts

  private record Finding(String path, String fact, String hint) {}

  private final Settings settings;
  private final List<Finding> findings = new ArrayList<>();

  private SettingsCheck(Settings settings) {
    this.settings = settings;
  }

  /**
   * Checks all.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} that names every field that is
   *     wrong
   */
  static void check(Settings settings, YamlDocument document) {
    var check = new SettingsCheck(settings);
    check.all();
    List<Finding> findings = check.findings;
    if (findings.isEmpty()) {
      return;
    }
    if (findings.size() == 1) {
      var only = findings.getFirst();
      throw new PermanentException(ErrorCode.CONFIG_INVALID, line(only, document), only.hint());
    }
    String lines =
        findings.stream()
            .map(finding -> "\n  - " + line(finding, document) + " (" + finding.hint() + ")")
            .collect(Collectors.joining());
    throw new PermanentException(
        ErrorCode.CONFIG_INVALID,
        findings.size() + " values of the configuration are wrong:" + lines,
        "Each line says what to change.");
  }

  private static String line(Finding finding, YamlDocument document) {
    return document.where(finding.path()) + ", " + finding.path() + ": " + finding.fact();
  }

  private void all() {
    Stream.of(
            Map.entry("repositories", settings.repositories().keySet()),
            Map.entry("sources", settings.sources().keySet()),
            Map.entry("plans", settings.plans().keySet()))
        .forEach(
            group -> group.getValue().forEach(name -> name(group.getKey() + "." + name, name)));
    new TreeMap<>(settings.repositories()).forEach(this::repository);
    new TreeMap<>(settings.sources()).forEach(this::source);
    new TreeMap<>(settings.plans()).forEach(this::plan);
    if (!settings.database().url().startsWith("jdbc:h2:")) {
      found(
          "database.url",
          "this version keeps its history in H2 only",
          "Write jdbc:h2:file:./var/lifeboat, or leave the key out.");
    }
    positive("operations.parallel", Optional.of((long) settings.operations().parallel()));
    positive("operations.stopWithin", Optional.of(settings.operations().stopWithin().toMillis()));
  }

  private void name(String path, String name) {
    if (!NAME.matcher(name).matches()) {
      found(
          path,
          "'" + name + "' is not a name",
          "Use small letters, digits and hyphens, at most 63, as in shop-nightly.");
    }
  }

  private void repository(String name, Settings.Repository repository) {
    repository.prune().ifPresent(prune -> prune("repositories." + name + ".prune", prune));
    repository.verify().ifPresent(verify -> verify("repositories." + name + ".verify", verify));
    String path = "repositories." + name + ".store";
    switch (repository.store()) {
      case StoreConfig.Folder folder -> {}
      case StoreConfig.S3 s3 -> {
        if (s3.bucket().isBlank()) {
          found(path + ".bucket", "the bucket has no name", "Name a bucket that exists.");
        }
        s3.prefix()
            .filter(prefix -> prefix.startsWith("/") || prefix.endsWith("/"))
            .ifPresent(prefix ->
                found(
                    path + ".prefix",
                    "'" + prefix + "' begins or ends with a slash",
                    "Leave that slash out."));
        s3.endpoint()
            .filter(endpoint ->
                endpoint.getHost() == null
                    || !("http".equals(endpoint.getScheme())
                        || "https".equals(endpoint.getScheme())))
            .ifPresent(endpoint ->
                found(
                    path + ".endpoint",
                    "'" + endpoint + "' is not an http or https address",
                    "Write it as in https://s3.example:9000."));
        if (s3.accessKey().isPresent() != s3.secretKey().isPresent()) {
          found(
              path,
              "accessKey and secretKey belong together, and only one is set",
              "Set both, or neither for the default credentials of AWS.");
        }
        s3.objectLock().ifPresent(lock -> objectLock(path + ".objectLock.retain", lock.retain()));
      }
    }
  }

  private void objectLock(String path, Duration retain) {
    if (retain.compareTo(SHORTEST_LOCK) < 0 || retain.compareTo(LONGEST_LOCK) > 0) {
      found(
          path,
          "a lock of " + retain + " is not between a day and a hundred years",
          "Write a duration such as P30D: longer than the time between two runs of maintenance.");
    }
  }

  private void source(String name, SourceConfig source) {
    String path = "sources." + name;
    switch (source) {
      case SourceConfig.Files files -> {
        if (files.paths().isEmpty()) {
          found(
              path + ".paths", "there is nothing to protect", "List at least one file or folder.");
        }
        var last = new HashSet<String>();
        for (var protectedPath : files.paths()) {
          String component = String.valueOf(protectedPath.getFileName());
          if (!last.add(component)) {
            found(
                path + ".paths",
                "two paths end in '"
                    + component
                    + "', and each is restored under its last component",
                "Put them into two sources.");
          }
        }
      }
      case SourceConfig.Postgres postgres -> {
        postgresUrl(path + ".url", postgres.url());
        postgres.maxRate().ifPresent(rate -> maxRate(path + ".maxRate", rate));
        postgres
            .truth()
            .flatMap(SourceConfig.Truth::budget)
            .filter(Duration::isNegative)
            .ifPresent(budget ->
                found(
                    path + ".truth.budget",
                    "a time that is less than none",
                    "Write PT20S for twenty seconds, or PT0S to count nothing."));
        mode(path, postgres);
      }
    }
  }

  /** What is said for the other mode would be passed over in silence. */
  private void mode(String path, SourceConfig.Postgres postgres) {
    if (postgres.isLogical()) {
      String hint = "Leave it out, or write mode: physical.";
      postgres
          .maxRate()
          .ifPresent(rate -> found(path + ".maxRate", "only a physical backup has a rate", hint));
      postgres
          .canary()
          .ifPresent(
              canary -> found(path + ".canary", "only a physical backup writes a canary", hint));
    } else {
      postgres
          .dump()
          .ifPresent(dump ->
              found(
                  path + ".dump",
                  "only a logical backup dumps",
                  "Leave it out, or write mode: logical."));
    }
    SourceConfig.Dump dump = postgres.dumping();
    if (dump.parallel() < 1 || dump.parallel() > MOST_JOBS) {
      found(
          path + ".dump.jobs",
          dump.parallel() + " is not a number of tables to read at once",
          "Write 1 to " + MOST_JOBS + ".");
    }
    positive(path + ".dump.lockTimeout", dump.lockTimeout().map(Duration::toMillis));
    var seen = new HashSet<String>();
    for (int i = 0; i < dump.databases().size(); i++) {
      if (!seen.add(dump.databases().get(i))) {
        found(
            path + ".dump.databases." + i,
            "'" + dump.databases().get(i) + "' is named twice",
            "Name each database once.");
      }
    }
  }

  private void postgresUrl(String path, String text) {
    String example =
        "Write postgresql://user@host:5432/database, and the password under 'password'.";
    try {
      var url = new URI(text);
      boolean postgres = "postgresql".equals(url.getScheme()) || "postgres".equals(url.getScheme());
      if (!postgres || url.getHost() == null) {
        found(path, "this is not the address of a PostgreSQL server", example);
      } else if (Optional.ofNullable(url.getUserInfo())
          .filter(user -> user.contains(":"))
          .isPresent()) {
        found(path, "the address contains a password", example);
      } else if (url.getUserInfo() == null) {
        found(path, "the address names no user", example);
      }
    } catch (URISyntaxException e) {
      found(path, "this is not an address: " + e.getReason(), example);
    }
  }

  private void plan(String name, PlanConfig plan) {
    String path = "plans." + name;
    known(path + ".source", "source", plan.source(), settings.sources().keySet());
    known(path + ".repository", "repository", plan.repository(), settings.repositories().keySet());
    plan.schedule().ifPresent(schedule -> schedule(path + ".schedule", schedule));
    plan.objectives()
        .ifPresent(objectives -> {
          positive(path + ".objectives.rpo", objectives.rpo().map(Duration::toMillis));
          positive(path + ".objectives.rto", objectives.rto().map(Duration::toMillis));
          positive(
              path + ".objectives.provenWithin", objectives.provenWithin().map(Duration::toMillis));
        });
    Tags.problem(plan.tags())
        .ifPresent(fact -> found(path + ".tags", fact, "Write tags such as release-4.2."));
    plan.readBack()
        .filter(amount -> PlanConfig.readBackBytes(amount).isEmpty())
        .ifPresent(amount ->
            found(
                path + ".readBack",
                "'" + amount + "' is not an amount",
                "Write bytes such as 512MiB or 4GiB: what is read back after a backup at most; or"
                    + " off."));
    plan.retention()
        .ifPresent(keep -> {
          keepTags(path + ".retention.keepTags", keep);
          positive(path + ".retention.last", keep.last().map(Integer::longValue));
          positive(path + ".retention.hourly", keep.hourly().map(Integer::longValue));
          positive(path + ".retention.daily", keep.daily().map(Integer::longValue));
          positive(path + ".retention.weekly", keep.weekly().map(Integer::longValue));
          positive(path + ".retention.monthly", keep.monthly().map(Integer::longValue));
          positive(path + ".retention.yearly", keep.yearly().map(Integer::longValue));
          positive(path + ".retention.within", keep.within().map(Duration::toMillis));
        });
    plan.drill().ifPresent(drill -> drill(path + ".drill", drill));
    plan.wal().ifPresent(wal -> wal(name, path + ".wal", plan, wal));
  }

  private void wal(String name, String path, PlanConfig plan, PlanConfig.Wal wal) {
    if (settings.sources().get(plan.source()) instanceof SourceConfig.Files) {
      found(path, "files have no write-ahead log", "Leave wal out, or name a postgres source.");
    }
    if (wal.isPushed()) {
      pushed(path, wal);
    } else if (!SLOT.matcher(wal.slotOf(name)).matches()) {
      found(
          path + ".slot",
          "'" + wal.slotOf(name) + "' is no name of a replication slot",
          "Use small letters, digits and underscores, at most 63.");
    }
    settings.plans().entrySet().stream()
        .filter(other -> other.getKey().compareTo(name) < 0 && other.getValue().wal().isPresent())
        .filter(other -> other.getValue().source().equals(plan.source()))
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst()
        .ifPresent(other ->
            found(
                path,
                "plan '" + other + "' has the write-ahead log of " + plan.source() + " already",
                "Leave wal out here: each server's log is taken once."));
    wal.flush()
        .filter(flush -> flush.compareTo(SHORTEST_FLUSH) < 0)
        .ifPresent(flush ->
            found(path + ".flush", flush + " is too short", "Write PT1S or more, such as PT10S."));
    wal.spool()
        .filter(spool -> ByteAmount.parse(spool).orElse(0) < LEAST_SPOOL_BYTES)
        .ifPresent(spool ->
            found(
                path + ".spool",
                "'" + spool + "' is not an amount of at least 64MiB",
                "Write bytes such as 512MiB or 4GiB: what may wait on this host."));
  }

  /** What has no meaning for segments that come complete. */
  private void pushed(String path, PlanConfig.Wal wal) {
    wal.slot()
        .ifPresent(slot ->
            found(
                path + ".slot",
                "with transport: push there is no replication slot",
                "Leave it out; if it was streamed before, drop the slot on the server."));
    wal.flush()
        .ifPresent(flush ->
            found(
                path + ".flush",
                "with transport: push each segment is sent as soon as it comes",
                "Leave it out; archive_timeout on the server bounds how long a segment stays"
                    + " open."));
    int length = settings.walPush().socket().toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MOST_SOCKET_BYTES) {
      found(
          "walPush.socket",
          "the socket's path has " + length + " bytes, and may have " + MOST_SOCKET_BYTES,
          "Name a shorter one as walPush.socket, such as /run/lifeboat/wal-push.sock.");
    }
  }

  private void schedule(String path, PlanConfig.Schedule schedule) {
    try {
      Cron.parse(schedule.cron());
    } catch (PermanentException e) {
      found(path + ".cron", String.valueOf(e.getMessage()), e.hint());
    }
    schedule
        .jitter()
        .filter(Duration::isNegative)
        .ifPresent(
            jitter -> found(path + ".jitter", "it is negative", "Write a duration such as PT5M."));
  }

  private void drill(String path, PlanConfig.Drill drill) {
    drill.schedule().ifPresent(schedule -> schedule(path + ".schedule", schedule));
    drill.controls().ifPresent(schedule -> schedule(path + ".controls", schedule));
    drill
        .level()
        .filter(level -> !LEVEL.matcher(level).matches())
        .ifPresent(level ->
            found(path + ".level", "'" + level + "' is not a proof level", "Write L0 to L7."));
    positive(path + ".within", drill.within().map(Duration::toMillis));
    if (drill.within().isPresent()
        && drill.select().orElse(PlanConfig.Select.newest) == PlanConfig.Select.newest) {
      found(
          path + ".within",
          "the newest snapshot is the newest, however far a drill looks back",
          "Write select: random, oldest or unproven beside it, or leave it out.");
    }
    var ids = new HashSet<String>();
    for (int i = 0; i < drill.checks().size(); i++) {
      var check = drill.checks().get(i);
      String at = path + ".checks." + i;
      if (!ids.add(check.id())) {
        found(
            at + ".id",
            "'" + check.id() + "' is used twice",
            "Give each check of a plan its own id.");
      }
      try {
        Expectation.parse(check.expect());
      } catch (PermanentException e) {
        found(at + ".expect", String.valueOf(e.getMessage()), e.hint());
      }
    }
  }

  private void prune(String path, Settings.Prune prune) {
    positive(path + ".grace", prune.grace().map(Duration::toMillis));
    positive(path + ".uncommitted", prune.uncommitted().map(Duration::toMillis));
    positive(path + ".mostForgotten", prune.mostForgotten().map(Integer::longValue));
    prune.schedule().ifPresent(schedule -> schedule(path + ".schedule", schedule));
  }

  private void verify(String path, Settings.Verify verify) {
    verify.schedule().ifPresent(schedule -> schedule(path + ".schedule", schedule));
    verify
        .level()
        .filter(level -> !DEPTH.matcher(level).matches())
        .ifPresent(level ->
            found(
                path + ".level",
                "'" + level + "' is not a level of verification",
                "Write L0 (objects exist), L1 (their bytes are right) or L2 (every chunk opens)."));
    positive(path + ".window", verify.window().map(Duration::toMillis));
    verify
        .subset()
        .filter(subset -> Part.parse(subset).isEmpty())
        .ifPresent(subset ->
            found(
                path + ".subset",
                "'" + subset + "' is not a part of a whole",
                "Write 1/20, or a percentage such as 5%."));
    boolean share = verify.window().isPresent() || verify.subset().isPresent();
    if (verify.window().isPresent() && verify.subset().isPresent()) {
      found(path, "window and subset exclude each other", "Leave one of them out.");
    } else if (share && verify.depth().equals("L0")) {
      found(
          path + ".level",
          "level L0 reads no pack, so there is no part of them to choose",
          "Write L1 or L2, or leave window and subset out.");
    }
  }

  private void maxRate(String path, String rate) {
    long bytes = ByteAmount.parse(rate).orElse(0);
    if (bytes < LEAST_RATE_BYTES || bytes > MOST_RATE_BYTES) {
      found(
          path,
          "'" + rate + "' is not a rate that PostgreSQL can send at",
          "Write bytes a second from 32KiB to 1GiB, such as 50MiB.");
    }
  }

  /** Whoever adds a rule that keeps must not make all else go by it. */
  private void keepTags(String path, PlanConfig.Retention keep) {
    for (int i = 0; i < keep.keepTags().size(); i++) {
      String at = path + "." + i;
      Tags.patternProblem(keep.keepTags().get(i))
          .ifPresent(fact -> found(at, fact, "Write a tag, or a pattern such as release-*."));
    }
    boolean alone =
        Stream.of(
                keep.last(),
                keep.hourly(),
                keep.daily(),
                keep.weekly(),
                keep.monthly(),
                keep.yearly(),
                keep.within())
            .allMatch(Optional::isEmpty);
    if (alone) {
      found(
          keep.keepTags().isEmpty() ? path.replace(".keepTags", "") : path,
          keep.keepTags().isEmpty()
              ? "it has no rule, so all snapshots but the newest would be forgotten"
              : "it is the only rule, so every snapshot without such a tag would be forgotten",
          "Add a rule for the others, such as last: 7; without retention all are kept.");
    }
  }

  private void known(String path, String kind, String name, Collection<String> names) {
    if (!names.contains(name)) {
      found(path, "there is no " + kind + " '" + name + "'", Spelling.hint(name, names));
    }
  }

  private void positive(String path, Optional<Long> value) {
    value
        .filter(number -> number <= 0)
        .ifPresent(number ->
            found(
                path,
                "it must be more than nothing",
                "Write a positive value, or leave the key out."));
  }

  private void found(String path, String fact, String hint) {
    findings.add(new Finding(path, fact, hint));
  }
}
