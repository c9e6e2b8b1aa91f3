package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.store.InMemoryStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log keeps of drills, and what a later reader makes of it. */
class DrillsInTheLogTest {
  private static final Instant AT = Instant.parse("2026-02-01T00:00:00Z");

  @TempDir Path folder;
  private RepositoryFixture fixture;

  @BeforeEach
  void aSnapshot() {
    fixture = RepositoryFixture.create(new InMemoryStore(), folder);
    SmallSnapshots.write(fixture.writer(), "s1", Map.of("file", new byte[] {1}));
  }

  private void drilled(String verdict, Optional<DrillSummary.Terms> terms) {
    int number = fixture.reader().listing().drills().size();
    String drill = "dr" + number;
    byte[] evidence =
        SignedText.sign("evidence", "{\"drill\":\"" + drill + "\"}", fixture.service().writer());
    fixture
        .both()
        .evidence()
        .keep(
            "docs",
            new DrillSummary(drill, "s1", verdict, "L6", AT.plusSeconds(number), terms),
            link -> evidence);
  }

  private SnapshotInfo.Proof proof() {
    return fixture.writer().snapshots().getFirst().proof().orElseThrow();
  }

  @Test
  void termsComeBackAsTheyWereKeptAndADrillWithoutAnyIsReadToo() {
    drilled("PASS", Optional.empty());
    assertThat(proof().terms()).isEmpty();
    for (Optional<Instant> until : List.of(Optional.of(AT), Optional.<Instant>empty())) {
      var terms =
          new DrillSummary.Terms(
              "nightly", "ab", List.of("key"), "image@x", "postgres 18", until, AT, 4200, 77);
      drilled("PASS", Optional.of(terms));
      assertThat(proof().terms()).contains(terms);
    }
    assertThat(fixture.reader().listing().drills())
        .extracting(DrillSummary::drill)
        .containsExactly("dr0", "dr1", "dr2");
  }

  @Test
  void aSummaryWithoutTermsIsWrittenAsItWasBeforeThereWereAny() {
    assertThat(Json.write(new DrillSummary("dr0", "s1", "PASS", "L6", AT)))
        .isEqualTo(
            "{\"drill\":\"dr0\",\"snapshot\":\"s1\",\"verdict\":\"PASS\",\"level\":\"L6\","
                + "\"at\":\"2026-02-01T00:00:00Z\"}");
  }

  @Test
  void whatCouldNotTellLeavesWhatWasKnownAndWhatCouldTakesItsPlace() {
    drilled("ERROR", Optional.empty());
    assertThat(proof().told()).isEmpty();
    drilled("PASS", Optional.empty());
    drilled("ERROR", Optional.empty());
    drilled("SKIPPED", Optional.empty());
    assertThat(proof().drill()).isEqualTo("dr3");
    assertThat(proof().told()).map(SnapshotInfo.Proof::drill).contains("dr1");
    drilled("FAIL", Optional.empty());
    assertThat(proof().told()).map(SnapshotInfo.Proof::drill).contains("dr4");
    assertThat(fixture.writer().maintenance().history().getFirst().info().proof())
        .contains(proof());
  }

  @Test
  void whoeverCanReadNowIsNamedByFingerprint() {
    assertThat(fixture.writer().listing().readers())
        .containsExactlyInAnyOrderElementsOf(
            new Keyring(Optional.empty(), Optional.of(fixture.kit())).readerFingerprints());
  }
}
