package io.lifeboat.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.repository.LoggedSnapshot;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {
  private static final Instant NOW = Instant.parse("2026-03-31T12:00:00Z");
  private static final String WRITER = "aaaaaaaaaaaaaaaa";

  @Test
  void keepsTheLastOnes() {
    List<LoggedSnapshot> days = days(10);
    assertThat(kept(decide(days, rules().last(3)))).containsExactly("d8", "d9", "d10");
  }

  @Test
  void keepsTheNewestOfEachDayThatHasOne() {
    var snapshots = new ArrayList<LoggedSnapshot>();
    for (String time : List.of("03-01T02", "03-01T14", "03-02T02", "03-05T02", "03-05T23")) {
      snapshots.add(at(time, Instant.parse("2026-" + time + ":00:00Z")));
    }
    assertThat(kept(decide(snapshots, rules().daily(2)))).containsExactly("03-02T02", "03-05T23");
    assertThat(kept(decide(snapshots, rules().daily(3))))
        .containsExactly("03-01T14", "03-02T02", "03-05T23");
  }

  @Test
  void rulesAddUp() {
    List<LoggedSnapshot> days = days(70);
    List<String> kept = kept(decide(days, rules().last(2).weekly(3).monthly(3)));
    // Today is Tuesday, 31 March: Sundays 29 and 22 end their weeks, 28 February and 31 January
    // their months.
    assertThat(kept).containsExactly("d11", "d39", "d61", "d68", "d69", "d70");
  }

  @Test
  void aWeekThatCrossesTheYearIsOneWeek() {
    var snapshots =
        List.of(
            at("wednesday", Instant.parse("2025-12-31T02:00:00Z")),
            at("thursday", Instant.parse("2026-01-01T02:00:00Z")),
            at("monday", Instant.parse("2026-01-05T02:00:00Z")));
    assertThat(kept(decide(snapshots, rules().weekly(5)))).containsExactly("thursday", "monday");
    assertThat(kept(decide(snapshots, rules().yearly(5)))).containsExactly("wednesday", "monday");
  }

  @Test
  void daysBeginInThePlansZone() {
    var snapshots =
        List.of(
            at("evening", Instant.parse("2026-03-01T22:30:00Z")),
            at("midnight", Instant.parse("2026-03-01T23:30:00Z")),
            at("later", Instant.parse("2026-03-03T02:00:00Z")));
    var berlin =
        new PlanConfig.Schedule(
            "0 2 * * *",
            Optional.of(ZoneId.of("Europe/Berlin")),
            Optional.empty(),
            Optional.empty());
    assertThat(kept(decide(snapshots, rules().daily(9).schedule(berlin))))
        .containsExactly("evening", "midnight", "later");
    assertThat(kept(decide(snapshots, rules().daily(9)))).containsExactly("midnight", "later");
  }

  @Test
  void keepsWhatIsYoung() {
    assertThat(kept(decide(days(10), rules().within(Duration.ofDays(2)))))
        .containsExactly("d9", "d10");
  }

  @Test
  void keepsWhatBearsATagWhateverItsAge() {
    var snapshots = new ArrayList<>(days(9));
    snapshots.set(0, tagged(snapshots.get(0), "release-4.2", "audited"));
    snapshots.set(1, tagged(snapshots.get(1), "release-"));
    snapshots.set(2, tagged(snapshots.get(2), "prerelease-4.2"));
    snapshots.set(3, tagged(snapshots.get(3), "gold"));
    snapshots.set(4, tagged(snapshots.get(4), "golden"));

    List<Decision> decisions =
        decide(snapshots, rules().last(1).keepTags("release-*", "gold", "*d"));

    assertThat(kept(decisions)).containsExactly("d1", "d2", "d4", "d9");
    assertThat(because(decisions, "d1")).isEqualTo("tagged release-4.2 (release-*)");
    assertThat(because(decisions, "d4")).isEqualTo("tagged gold");
    assertThat(kept(decide(snapshots, rules().last(1)))).containsExactly("d9");
  }

  @Test
  void theNewestAndTheNewestProvenStayWhateverTheRulesSay() {
    var snapshots = new ArrayList<>(days(6));
    snapshots.set(1, proven(snapshots.get(1), "PASS"));
    snapshots.set(2, proven(snapshots.get(2), "PASS"));
    snapshots.set(3, proven(snapshots.get(3), "FAIL"));
    List<Decision> decisions = decide(snapshots, rules().within(Duration.ofMillis(1)));
    assertThat(kept(decisions)).containsExactly("d3", "d6");
    assertThat(because(decisions, "d3")).isEqualTo("the newest proven one of shop");
  }

  @Test
  void aDrillThatCouldNotTellGivesUpNoProofAndNothingThatWasKeptBefore() {
    var snapshots = new ArrayList<>(days(6));
    var passed = new SnapshotInfo.Proof("dr", "PASS", "L6", NOW);
    snapshots.set(1, proven(snapshots.get(1), passed));
    snapshots.set(2, proven(snapshots.get(2), passed));
    var untold =
        new SnapshotInfo.Proof("dr2", "ERROR", "", NOW, Optional.empty(), Optional.of(passed));
    snapshots.set(3, proven(snapshots.get(3), untold));
    List<Decision> decisions = decide(snapshots, rules().within(Duration.ofMillis(1)));
    assertThat(kept(decisions)).containsExactly("d3", "d4", "d6");
    assertThat(because(decisions, "d4")).isEqualTo("the newest proven one of shop");
  }

  @Test
  void whoTakesAWriterCannotPushOutWhatOthersWrote() {
    var snapshots = new ArrayList<>(days(5));
    for (int i = 0; i < 20; i++) {
      Instant now = NOW.minusSeconds(60 - i);
      snapshots.add(snapshot("forged" + i, now, now, "bbbbbbbbbbbbbbbb", "nightly"));
    }
    assertThat(kept(decide(snapshots, rules().last(3)))).contains("d3", "d4", "d5");
  }

  @Test
  void aClockThatLiesMakesNothingGo() {
    var snapshots = new ArrayList<>(days(5));
    Instant stored = snapshots.get(1).storedAt();
    snapshots.set(
        1, snapshot("d2", stored, Instant.parse("2030-01-01T00:00:00Z"), WRITER, "nightly"));
    List<Decision> decisions = decide(snapshots, rules().last(1));
    assertThat(kept(decisions)).containsExactly("d2", "d5");
    assertThat(because(decisions, "d2")).contains("2030-01-01").contains("--trust-store-times");
    var trusting = new Retention(plans(rules().last(1)), NOW, 50, true);
    assertThat(kept(trusting.decide(snapshots))).containsExactly("d5");
  }

  /** Their entries are of the day of the repair, and say so; what they hold is older. */
  @Test
  void snapshotsThatARepairListedAgainStayUntilSomebodyHasLooked() {
    var snapshots = new ArrayList<LoggedSnapshot>();
    for (LoggedSnapshot old : days(5).subList(0, 3)) {
      snapshots.add(
          new LoggedSnapshot(old.info(), NOW, NOW, "admin0admin0admin", Optional.empty()));
    }
    snapshots.addAll(days(5).subList(3, 5));
    List<Decision> decisions = decide(snapshots, rules().last(1));
    assertThat(kept(decisions)).containsExactly("d1", "d2", "d3", "d5");
    assertThat(because(decisions, "d1")).contains("ended at 2026-03-27", "--trust-store-times");

    var trusting = new Retention(plans(rules().last(1)), NOW, 50, true);
    assertThat(kept(trusting.decide(snapshots))).as("each signer's last").contains("d3", "d5");
  }

  @Test
  void heldSnapshotsAndThoseOfUnknownPlansStay() {
    var snapshots = new ArrayList<>(days(4));
    LoggedSnapshot first = snapshots.getFirst();
    snapshots.set(
        0,
        new LoggedSnapshot(
            first.info(), first.storedAt(), first.signedAt(), WRITER, Optional.of("audit 2026")));
    Instant old = NOW.minus(Duration.ofDays(300));
    snapshots.addFirst(snapshot("other", old, old, WRITER, "no-such-plan"));
    List<Decision> decisions = decide(snapshots, rules().last(1));
    assertThat(kept(decisions)).containsExactly("other", "d1", "d4");
    assertThat(because(decisions, "d1")).isEqualTo("held: audit 2026");
    assertThat(because(decisions, "other")).contains("no plan no-such-plan");
  }

  @Test
  void oneRunForgetsNoMoreThanItMayAndBeginsWithTheOldest() {
    List<Decision> decisions =
        new Retention(plans(rules().last(1)), NOW, 3, false).decide(days(10));
    assertThat(Retention.forgotten(decisions)).containsExactly("d1", "d2", "d3");
    assertThat(because(decisions, "d4")).contains("at most 3");
  }

  @Test
  void aPlanWithoutRetentionKeepsAll() {
    var plan =
        new PlanConfig(
            "shop",
            "primary",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty());
    assertThat(kept(new Retention(Map.of("nightly", plan), NOW, 50, false).decide(days(5))))
        .hasSize(5);
  }

  /** What no implementation detail may change, on histories that nobody thought up. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whateverTheHistoryItKeepsWhatTheRulesPromise(long seed) {
    var random = new Random(seed);
    var snapshots = new ArrayList<LoggedSnapshot>();
    Instant time = NOW.minus(Duration.ofDays(400));
    for (int i = 0; time.isBefore(NOW); i++) {
      snapshots.add(at("s" + i, time));
      time = time.plusSeconds(random.nextInt(200_000));
    }
    int last = 1 + random.nextInt(5);
    int daily = 1 + random.nextInt(20);
    List<Decision> decisions = decide(snapshots, rules().last(last).daily(daily));
    List<String> kept = kept(decisions);

    assertThat(decisions).hasSameSizeAs(snapshots);
    assertThat(kept)
        .containsAll(
            snapshots.subList(Math.max(0, snapshots.size() - last), snapshots.size()).stream()
                .map(snapshot -> snapshot.info().id())
                .toList());
    Set<String> days = new HashSet<>();
    for (LoggedSnapshot snapshot : snapshots.reversed()) {
      String day = snapshot.storedAt().toString().substring(0, 10);
      if (days.size() < daily && days.add(day)) {
        assertThat(kept).as("the newest of " + day).contains(snapshot.info().id());
      }
    }
    assertThat(kept.size()).isLessThanOrEqualTo(last + daily);
    assertThat(
            kept(
                decide(
                    decisions.stream().filter(Decision::keep).map(Decision::snapshot).toList(),
                    rules().last(last).daily(daily))))
        .as("a second run forgets nothing more")
        .isEqualTo(kept);
  }

  // --- Histories -----------------------------------------------------------------------------

  /** One snapshot a day, at ten in the morning, the last one of today: d1, d2 … */
  private static List<LoggedSnapshot> days(int count) {
    var days = new ArrayList<LoggedSnapshot>();
    for (int i = 1; i <= count; i++) {
      days.add(at("d" + i, NOW.minus(Duration.ofDays(count - i)).minus(Duration.ofHours(2))));
    }
    return days;
  }

  private static LoggedSnapshot at(String id, Instant time) {
    return snapshot(id, time, time.minusSeconds(2), WRITER, "nightly");
  }

  private static LoggedSnapshot snapshot(
      String id, Instant storedAt, Instant signedAt, String writer, String plan) {
    var info =
        new SnapshotInfo(
            id,
            "shop",
            "files",
            plan,
            signedAt,
            signedAt,
            1,
            1,
            1,
            Optional.empty(),
            List.of(),
            Optional.empty());
    return new LoggedSnapshot(info, storedAt, signedAt, writer, Optional.empty());
  }

  private static LoggedSnapshot tagged(LoggedSnapshot snapshot, String... tags) {
    SnapshotInfo info = snapshot.info();
    return new LoggedSnapshot(
        new SnapshotInfo(
            info.id(),
            info.source(),
            info.sourceType(),
            info.plan(),
            info.startedAt(),
            info.finishedAt(),
            info.sizeBytes(),
            info.storedBytes(),
            info.files(),
            info.proof(),
            List.of(tags),
            Optional.empty()),
        snapshot.storedAt(),
        snapshot.signedAt(),
        snapshot.writer(),
        snapshot.hold());
  }

  private static LoggedSnapshot proven(LoggedSnapshot snapshot, String verdict) {
    return proven(snapshot, new SnapshotInfo.Proof("dr", verdict, "L6", NOW));
  }

  private static LoggedSnapshot proven(LoggedSnapshot snapshot, SnapshotInfo.Proof proof) {
    return new LoggedSnapshot(
        snapshot.info().withProof(Optional.of(proof)),
        snapshot.storedAt(),
        snapshot.signedAt(),
        snapshot.writer(),
        snapshot.hold());
  }

  private static List<Decision> decide(List<LoggedSnapshot> snapshots, Rules rules) {
    return new Retention(plans(rules), NOW, 1000, false).decide(snapshots);
  }

  private static List<String> kept(List<Decision> decisions) {
    return decisions.stream().filter(Decision::keep).map(Decision::id).collect(Collectors.toList());
  }

  private static String because(List<Decision> decisions, String id) {
    return decisions.stream()
        .filter(decision -> decision.id().equals(id))
        .findFirst()
        .orElseThrow()
        .because();
  }

  private static Map<String, PlanConfig> plans(Rules rules) {
    return Map.of(
        "nightly",
        new PlanConfig(
            "shop",
            "primary",
            rules.schedule,
            Optional.of(
                new PlanConfig.Retention(
                    rules.last,
                    Optional.empty(),
                    rules.daily,
                    rules.weekly,
                    rules.monthly,
                    rules.yearly,
                    rules.within,
                    rules.keepTags)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty()));
  }

  private static Rules rules() {
    return new Rules();
  }

  /** A plan's retention in the making. */
  private static final class Rules {
    private Optional<Integer> last = Optional.empty();
    private Optional<Integer> daily = Optional.empty();
    private Optional<Integer> weekly = Optional.empty();
    private Optional<Integer> monthly = Optional.empty();
    private Optional<Integer> yearly = Optional.empty();
    private Optional<Duration> within = Optional.empty();
    private List<String> keepTags = List.of();
    private Optional<PlanConfig.Schedule> schedule = Optional.empty();

    Rules last(int count) {
      last = Optional.of(count);
      return this;
    }

    Rules daily(int count) {
      daily = Optional.of(count);
      return this;
    }

    Rules weekly(int count) {
      weekly = Optional.of(count);
      return this;
    }

    Rules monthly(int count) {
      monthly = Optional.of(count);
      return this;
    }

    Rules yearly(int count) {
      yearly = Optional.of(count);
      return this;
    }

    Rules within(Duration age) {
      within = Optional.of(age);
      return this;
    }

    Rules keepTags(String... patterns) {
      keepTags = List.of(patterns);
      return this;
    }

    Rules schedule(PlanConfig.Schedule when) {
      schedule = Optional.of(when);
      return this;
    }
  }
}
