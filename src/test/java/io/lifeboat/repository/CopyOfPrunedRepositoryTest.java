package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.retention.PruneEngine;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A copy of a repository that is pruned: it does not grow for ever, and is written in one place.
 */
class CopyOfPrunedRepositoryTest {
  private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
  private static final Map<String, byte[]> ALL = SmallSnapshots.randomFiles(1, 6, 700_000);
  private static final Map<String, byte[]> SOME = some("file-1-000", "file-1-004");

  @TempDir Path folder;
  private final InMemoryStore original = new InMemoryStore();
  private final InMemoryStore copy = new InMemoryStore();
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(original, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", ALL);
    SmallSnapshots.write(fixture.writer(), "s2", SOME);
  }

  @Test
  void whatIsSweptIsNotBroughtAlongEvenIfItIsStillThere() {
    Set<String> swept = sweep("s1");
    assertThat(names(original)).containsAll(swept);

    CopyReport report = run(Optional.empty());

    assertThat(report.complete()).isTrue();
    assertThat(names(copy)).doesNotContainAnyElementsOf(swept);
    assertThat(report.copied()).isEqualTo(report.objects());
    SmallSnapshots.assertHolds(atCopy().reader(), "s2", SOME);
    assertSound();
  }

  @Test
  void whatTheCopyHasOfItIsCountedAndRemovedWhenAsked() {
    run(Optional.empty());
    Set<String> swept = sweep("s1");
    fixture.writer().maintenance().deleteSwept(Progress.none());

    CopyReport.Swept kept = run(Optional.empty()).swept();
    assertThat(kept.left()).isEqualTo(swept.size());
    assertThat(kept.removed()).isZero();
    assertThat(names(copy)).containsAll(swept);

    CopyReport.Swept removed = run(AT_ONCE).swept();
    assertThat(removed.removed()).isEqualTo(swept.size());
    assertThat(removed.removedBytes()).isEqualTo(kept.leftBytes());
    assertThat(removed.left()).isZero();
    assertThat(names(copy)).isEqualTo(names(original));
    SmallSnapshots.assertHolds(atCopy().reader(), "s2", SOME);
    assertSound();
  }

  @Test
  void whatTheCopyHasNotKnownOfForLongEnoughIsNotRemoved() {
    run(Optional.empty());
    Set<String> swept = sweep("s1");

    assertThat(run(Optional.of(Duration.ofDays(30))).swept().left()).isEqualTo(swept.size());
    assertThat(names(copy)).containsAll(swept);
  }

  @Test
  void nothingIsRemovedWhileSomethingIsLeftOut() {
    run(Optional.empty());
    Set<String> swept = sweep("s1");
    String moved = relocated();
    byte[] bad = original.get(moved);
    bad[100] ^= 1;
    original.overwrite(moved, bad);

    CopyReport report = run(AT_ONCE);

    assertThat(report.complete()).isFalse();
    assertThat(report.problems()).singleElement().asString().contains(moved);
    assertThat(names(copy)).containsAll(swept);
  }

  @Test
  void nothingIsRemovedWhileWhatLivesOfItIsLostAtTheOriginal() {
    run(Optional.empty());
    Set<String> swept = sweep("s1");
    String moved = relocated();
    original.delete(moved);

    CopyReport report = run(AT_ONCE);

    assertThat(report.complete()).isFalse();
    assertThat(report.problems())
        .singleElement()
        .asString()
        .contains(moved)
        .contains("nothing was removed");
    assertThat(names(copy)).containsAll(swept);
  }

  @Test
  void objectsThatVanishAgainAndAgainAreNoCompleteCopy() {
    String pack = fixture.neededPacks().iterator().next();
    var vanishing =
        new ForwardingStore(original) {
          @Override
          public byte[] get(String name, long mostBytes) {
            if (name.equals(pack)) {
              throw new PermanentException(ErrorCode.OBJECT_MISSING, "Gone: " + name, "None.");
            }
            return super.get(name, mostBytes);
          }
        };

    CopyReport report = run(vanishing, copy, Optional.empty());

    assertThat(report.complete()).isFalse();
    assertThat(report.problems()).singleElement().asString().contains(pack, "log");
    assertThat(copy.head("log/0000000000000000")).isEmpty();
    assertThat(run(Optional.empty()).complete()).isTrue();
  }

  @Test
  void aCopyIsReadAndNotWrittenTo() {
    run(Optional.empty());
    List<String> before = names(copy);
    Repository writer = atCopy().writer();

    assertIsCopy(() -> writer.begin(RepositoryFixture.order("s3")));
    assertIsCopy(() -> prune(writer));
    assertIsCopy(() -> writer.maintenance().forget(List.of("s1")));
    assertIsCopy(() -> writer.maintenance().hold("s1", "audit"));
    assertIsCopy(() -> atCopy().both().repair().run(false, Progress.none()));

    assertThat(names(copy)).isEqualTo(before);
    assertSound();
    SmallSnapshots.assertHolds(atCopy().reader(), "s1", ALL);
  }

  @Test
  void aPromotedCopyIsARepositoryOfItsOwnAndNothingIsCopiedOverIt() {
    run(Optional.empty());

    RepositoryCopy.promote(copy);

    SmallSnapshots.write(atCopy().writer(), "s3", SOME);
    prune(atCopy().writer());
    SmallSnapshots.assertHolds(atCopy().reader(), "s3", SOME);
    assertThatThrownBy(() -> run(Optional.empty()))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_BROKEN));
  }

  @Test
  void onlyAFinishedCopyIsPromoted() {
    Consumer<ObjectStore> assertRefused =
        store ->
            assertThatThrownBy(() -> RepositoryCopy.promote(store))
                .isInstanceOfSatisfying(
                    LifeboatException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_MISSING));
    assertRefused.accept(original);
    run(Optional.empty());
    copy.delete("log/0000000000000000");
    assertRefused.accept(copy);
    assertThat(copy.head("log/copy")).isPresent();
  }

  @Test
  void aCopyOfACopyIsOneTooAndWhatComesBackMakesTheOriginalNone() {
    run(Optional.empty());
    var third = new InMemoryStore();
    assertThat(run(copy, third, Optional.empty()).complete()).isTrue();
    assertIsCopy(() -> fixture.through(third).writer().begin(RepositoryFixture.order("s3")));

    fixture.neededPacks().forEach(original::delete);
    assertThat(run(copy, original, Optional.empty()).complete()).isTrue();

    SmallSnapshots.write(fixture.writer(), "s3", SOME);
    SmallSnapshots.assertHolds(fixture.reader(), "s3", SOME);
  }

  /** Forgets a snapshot, copies what lives, and sweeps, but deletes nothing yet. */
  private Set<String> sweep(String forgotten) {
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of(forgotten));
    assertThat(maintenance.repack(0.4, Progress.none()).freedBytes()).isPositive();
    maintenance.condemn(Duration.ZERO, maintenance.storeTime(), false, Set.of());
    assertThat(maintenance.sweep(Duration.ZERO, maintenance.storeTime())).isPositive();
    Set<String> swept = new HashSet<>();
    PackFates.of(fixture.reader().context().log().read())
        .swept()
        .forEach(pack -> swept.add(pack.objectName()));
    return swept;
  }

  private String relocated() {
    return fixture
        .reader()
        .context()
        .log()
        .read()
        .all(LogRecord.Relocate.class)
        .map(entry -> PackFates.ref(entry.to()).objectName())
        .filter(name -> name.startsWith("p/d/"))
        .findFirst()
        .orElseThrow();
  }

  private static void prune(Repository repository) {
    new PruneEngine(Clock.systemUTC())
        .run(
            new PruneEngine.Order(
                repository,
                Map.of(),
                Duration.ZERO,
                Duration.ofDays(14),
                10,
                false,
                false,
                Optional.empty()),
            Progress.none());
  }

  private static void assertIsCopy(ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_IS_COPY);
              assertThat(e.hint()).contains("--promote");
            });
  }

  private void assertSound() {
    assertThat(
            atCopy().reader().verification().run(Verification.Depth.L2, Progress.none()).problems())
        .isEmpty();
  }

  private RepositoryFixture atCopy() {
    // What a node remembers goes by a store's name, and all of these have the same.
    return fixture.through(copy).onAnotherMachine(folder.resolve("elsewhere/spool"));
  }

  private CopyReport run(Optional<Duration> removeSweptAfter) {
    return run(original, copy, removeSweptAfter);
  }

  private static CopyReport run(
      ObjectStore from, ObjectStore to, Optional<Duration> removeSweptAfter) {
    return new RepositoryCopy(from, to, new SecureRandom(), Clock.systemUTC())
        .run(removeSweptAfter, Progress.none());
  }

  private static List<String> names(ObjectStore store) {
    try (Stream<ObjectInfo> all = store.list("")) {
      return all.map(ObjectInfo::name)
          .filter(name -> !name.startsWith("probe/") && !name.equals("log/copy"))
          .toList();
    }
  }

  private static Map<String, byte[]> some(String... names) {
    Map<String, byte[]> some = new LinkedHashMap<>(ALL);
    some.keySet().retainAll(Set.of(names));
    return some;
  }
}
