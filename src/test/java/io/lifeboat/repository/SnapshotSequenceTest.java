package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which snapshot is the newest when some were listed again. */
class SnapshotSequenceTest {
  private static final Map<String, byte[]> FILES = SmallSnapshots.randomFiles(1, 1, 20_000);
  private static final Instant MONDAY = Instant.parse("2026-03-02T02:00:00Z");

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;
  private int machines;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @Test
  void aSnapshotThatIsListedAgainKeepsItsPlaceBetweenTheOthers() {
    backUp("monday", 0);
    long lost = backUp("tuesday", 1);
    backUp("wednesday", 2);
    loseAndRepair(4, lost);

    assertNewestFirst("wednesday", "tuesday", "monday");
  }

  @Test
  void theNewestIsTheNewestAlsoWhenItWasListedAgain() {
    backUp("monday", 0);
    loseAndRepair(4, backUp("tuesday", 1));

    assertNewestFirst("tuesday", "monday");
    backUp("friday", 4);
    assertNewestFirst("friday", "tuesday", "monday");
  }

  @Test
  void severalThatAreListedAgainByDifferentRepairsGoByWhenTheyBegan() {
    long monday = backUp("monday", 0);
    long tuesday = backUp("tuesday", 1);
    long wednesday = backUp("wednesday", 2);
    backUp("thursday", 3);
    loseAndRepair(4, wednesday);
    loseAndRepair(5, monday, tuesday);

    assertNewestFirst("thursday", "wednesday", "tuesday", "monday");
  }

  @Test
  void whatWasBackedUpAfterARepairIsNewerWhateverTheListedOneSaysOfItsTime() {
    long lost = backUp("from the future", 300);
    backUp("monday", 0);
    loseAndRepair(1, lost);
    assertNewestFirst("monday", "from the future");

    backUp("tuesday", 2);
    assertNewestFirst("tuesday", "monday", "from the future");
  }

  @Test
  void anotherSourceHasNoSayInIt() {
    backUp("monday", 0);
    long lost = backUp("tuesday", 1);
    backUp("of another", 2, "other");
    loseAndRepair(4, lost);

    assertNewestFirst("tuesday", "monday");
  }

  @Test
  void retentionSeesTheSameOrder() {
    backUp("monday", 0);
    long lost = backUp("tuesday", 1);
    backUp("wednesday", 2);
    loseAndRepair(4, lost);

    assertThat(fixture.writer().maintenance().history())
        .extracting(snapshot -> snapshot.info().id())
        .containsExactly("monday", "tuesday", "wednesday");
  }

  private void assertNewestFirst(String... ids) {
    assertThat(
            fixture.reader().snapshots().stream()
                .filter(info -> info.source().equals("docs"))
                .map(SnapshotInfo::id))
        .containsExactly(ids);
  }

  private long backUp(String id, int day) {
    return backUp(id, day, "docs");
  }

  /** Answers the number of its entry. */
  private long backUp(String id, int day, String source) {
    Instant start = MONDAY.plus(Duration.ofDays(day));
    Clock end = Clock.fixed(start.plusSeconds(3600), ZoneOffset.UTC);
    var order = new SnapshotOrder(id, source, "files", "nightly", start, List.of());
    try (SnapshotWriter writer = fixture.writer(end).begin(order)) {
      SmallSnapshots.write(writer, FILES);
    }
    return fixture.reader().context().log().read().next() - 1;
  }

  private void loseAndRepair(int day, long... entries) {
    for (long entry : entries) {
      store.delete(Names.log(entry));
    }
    fixture = fixture.onAnotherMachine(folder.resolve("machine" + ++machines + "/spool"));
    Clock then = Clock.fixed(MONDAY.plus(Duration.ofDays(day)), ZoneOffset.UTC);
    RepairReport report = fixture.both(then).repair().run(false, Progress.none());
    assertThat(report.problems()).isEmpty();
    assertThat(report.done().stream().filter(done -> done.contains(": snapshot ")))
        .hasSize(entries.length);
  }
}
