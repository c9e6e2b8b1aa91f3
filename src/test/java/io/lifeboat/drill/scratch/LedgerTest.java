package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  @TempDir Path work;

  private static LedgerEntry entry(String id, Path folder, Instant expiresAt) {
    return new LedgerEntry(
        id, "1-2-owner", List.of(), List.of(folder.toString()), expiresAt.toString());
  }

  @Test
  void whatIsRecordedIsThereUntilItIsStruckOut() {
    var ledger = new Ledger(work);
    LedgerEntry entry = entry("one", work.resolve("x"), NOON);
    ledger.record(entry);
    ledger.record(entry);
    assertThat(new Ledger(work).entries()).containsExactly(entry);
    ledger.strike("one");
    ledger.strike("one");
    assertThat(ledger.entries()).isEmpty();
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void theDraftOfADeadOwnerGoesAndThatOfALivingOneStays() throws Exception {
    var ledger = new Ledger(work);
    Files.createFile(work.resolve("1-2-dead_one.draft"));
    Files.createFile(work.resolve("1-2-alive_two.draft"));
    ledger.dropDrafts("1-2-dead"::equals);
    assertThat(work.toFile().list()).containsExactly("1-2-alive_two.draft");
  }

  @Test
  void anExpiredScratchGoesEvenIfItsOwnerMayLive() throws Exception {
    Path expired = Files.createDirectories(work.resolve("scratch/expired/deep"));
    Path current = Files.createDirectories(work.resolve("scratch/current"));
    var ledger = new Ledger(work.resolve("ledger"));
    ledger.record(entry("expired", expired.getParent(), NOON.minusSeconds(1)));
    ledger.record(entry("current", current, NOON.plusSeconds(1)));
    try (var factory = factory()) {
      assertThat(factory.janitor().sweep().removed()).containsExactly("expired");
      assertThat(expired.getParent()).doesNotExist();
      assertThat(current).exists();
      assertThat(factory.count()).isEqualTo(1);
    }
  }

  @Test
  void aFolderThatCannotBeRemovedIsReportedKeptAndTriedAgain() throws Exception {
    Path folder = Files.createDirectories(work.resolve("scratch/one"));
    try (var factory = factory()) {
      FolderScratch scratch = factory.folder("d1");
      Path tree = scratch.tree();
      Files.createDirectories(tree);
      Path blocker = tree.resolve("blocker");
      Files.createFile(blocker);
      new ProcessBuilder("chattr", "+i", blocker.toString()).start().waitFor();
      boolean immutable = !tryDelete(blocker);
      org.junit.jupiter.api.Assumptions.assumeTrue(immutable, "no immutable files here");
      try {
        assertThatThrownBy(scratch::close)
            .isInstanceOfSatisfying(
                LifeboatException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SCRATCH_NOT_REMOVED));
        Janitor janitor = factory.janitor();
        assertThat(janitor.sweep().left()).hasSize(1);
        assertThat(janitor.leaked()).isEqualTo(1);
        new ProcessBuilder("chattr", "-i", blocker.toString()).start().waitFor();
        assertThat(janitor.sweep().removed()).hasSize(1);
        assertThat(janitor.leaked()).isZero();
        assertThat(tree).doesNotExist();
      } finally {
        new ProcessBuilder("chattr", "-i", blocker.toString()).start().waitFor();
      }
    }
    assertThat(folder).exists();
  }

  @Test
  void aScratchFolderWithUnreadableEntriesIsRemovedWithoutFollowingLinks() throws Exception {
    Path outside = Files.createDirectories(work.resolve("outside"));
    Files.createFile(outside.resolve("precious"));
    try (var factory = factory();
        FolderScratch scratch = factory.folder("d1")) {
      Path closed = Files.createDirectories(scratch.tree().resolve("closed"));
      Files.createFile(closed.resolve("file"));
      Files.createSymbolicLink(scratch.tree().resolve("link"), outside);
      Files.setAttribute(closed, "unix:mode", 0000);
      scratch.close();
      assertThat(scratch.tree()).doesNotExist();
    }
    assertThat(outside.resolve("precious")).exists();
  }

  private static boolean tryDelete(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private ScratchFactory factory() {
    return new ScratchFactory(
        work,
        folder -> {
          throw new AssertionError("nothing is restored here");
        },
        Clock.fixed(NOON, ZoneOffset.UTC),
        List.of(),
        Duration.ofHours(1));
  }
}
