package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.PlanConfig.Select;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotChoiceTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");

  /** Five snapshots, named by how many days old they are, in no order. */
  private static final List<SnapshotInfo> FIVE =
      IntStream.of(9, 1, 40, 5, 20).mapToObj(SnapshotChoiceTest::aged).toList();

  private static SnapshotInfo aged(int days) {
    return new SnapshotInfo(
        "s" + days,
        "shop",
        "postgres",
        "nightly",
        NOW.minus(Duration.ofDays(days)),
        NOW.minus(Duration.ofDays(days)).plusSeconds(60),
        1,
        1,
        1,
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  private static SnapshotInfo drilled(SnapshotInfo info, int daysAgo) {
    return info.withProof(
        Optional.of(
            new SnapshotInfo.Proof("dr", "ERROR", "", NOW.minus(Duration.ofDays(daysAgo)))));
  }

  private static SnapshotChoice.Made choose(Select select, String within) {
    return choose(FIVE, select, within);
  }

  private static SnapshotChoice.Made choose(
      List<SnapshotInfo> among, Select select, String within) {
    var time = Optional.of(within).filter(text -> !text.isEmpty()).map(Duration::parse);
    return new SnapshotChoice(select, time).among(among, NOW, new Random(1));
  }

  @ParameterizedTest
  @CsvSource({
    "newest, '', s1, newest",
    "oldest, '', s40, oldest kept",
    "oldest, P30D, s20, oldest kept within P30D",
    "oldest, PT25H, s1, oldest kept within PT25H",
    "random, PT25H, s1, random of 1 within PT25H",
    "unproven, '', s40, 'oldest of 5 never drilled, of 5'",
    "unproven, P10D, s9, 'oldest of 3 never drilled, of 3 within P10D'",
  })
  void oneIsChosenAndItIsSaidHow(Select select, String within, String chosen, String how) {
    SnapshotChoice.Made made = choose(select, within);
    assertThat(made.snapshot().id()).isEqualTo(chosen);
    assertThat(made.how()).isEqualTo(how);
  }

  @Test
  void atRandomEachOfTheWindowIsAsLikelyAsTheOthersAndNoneBeyondItIs() {
    var choice = new SnapshotChoice(Select.random, Optional.of(Duration.ofDays(30)));
    var random = new Random(7);
    var drawn =
        IntStream.range(0, 4000)
            .mapToObj(any -> choice.among(FIVE, NOW, random).snapshot().id())
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    assertThat(drawn).containsOnlyKeys("s1", "s5", "s9", "s20");
    assertThat(drawn.values()).allSatisfy(times -> assertThat(times).isBetween(850L, 1150L));
    assertThat(choice.among(FIVE, NOW, random).how()).isEqualTo("random of 4 within P30D");
  }

  @Test
  void repeatedDrillsComeRoundToAllWhateverTheirVerdict() {
    List<SnapshotInfo> snapshots = FIVE;
    var order = new java.util.ArrayList<String>();
    for (int day = 100; day > 90; day--) {
      int ago = day;
      String chosen = choose(snapshots, Select.unproven, "").snapshot().id();
      order.add(chosen);
      snapshots =
          snapshots.stream()
              .map(info -> info.id().equals(chosen) ? drilled(info, ago) : info)
              .toList();
    }
    assertThat(order)
        .containsExactly("s40", "s20", "s9", "s5", "s1", "s40", "s20", "s9", "s5", "s1");
    assertThat(choose(snapshots, Select.unproven, "").how()).isEqualTo("drilled longest ago of 5");
  }

  @Test
  void whereNoneIsYoungEnoughItIsSaidWhatThereIs() {
    assertThatThrownBy(() -> choose(Select.random, "PT12H"))
        .hasMessage(
            "Plan nightly has no snapshot within PT12H; the newest of its 5 is s1, started"
                + " 2026-11-29T00:00:00Z")
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_UNKNOWN));
  }

  @Test
  void aWindowOfAllTimeIsNone() {
    assertThat(choose(Select.oldest, "PT2562047788015215H").snapshot().id()).isEqualTo("s40");
  }

  @ParameterizedTest
  @CsvSource({
    "s1, random, '', 'a snapshot is named'",
    "s1, '', P1D, 'a time to look back'",
    "'', newest, P1D, 'a time to look back'",
    "'', random, -P1D, 'no snapshot is younger'",
    "'', random, PT0S, 'no snapshot is younger'",
  })
  void whatDoesNotGoTogetherIsRefused(
      String snapshot, String select, String within, String because) {
    assertThatThrownBy(() ->
            SnapshotChoice.asked(
                given(snapshot),
                given(select).map(Select::valueOf),
                given(within).map(Duration::parse)))
        .hasMessageContainingAll(because.substring(1))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE_INVALID));
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(given -> !given.isEmpty());
  }
}
