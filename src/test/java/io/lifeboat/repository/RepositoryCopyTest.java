package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.FaultyStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryCopyTest {
  @TempDir Path folder;
  private final InMemoryStore original = new InMemoryStore();
  private final Map<String, byte[]> first = SmallSnapshots.randomFiles(1, 4, 300_000);
  private final Map<String, byte[]> second = SmallSnapshots.randomFiles(2, 4, 300_000);
  private RepositoryFixture fixture;

  @BeforeEach
  void backUpOnce() {
    fixture = RepositoryFixture.create(original, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", first);
  }

  @Test
  void aCopyRestoresAndTheNextRunBringsOnlyWhatIsNew() {
    var copy = new InMemoryStore();
    CopyReport whole = copy(original, copy);
    assertThat(whole.problems()).isEmpty();
    assertThat(whole.copied()).isEqualTo(whole.objects()).isEqualTo(names(original).size());
    SmallSnapshots.assertHolds(fixture.through(copy).reader(), "s1", first);

    SmallSnapshots.write(fixture.writer(), "s2", second);
    CopyReport more = copy(original, copy);

    assertThat(more.skipped()).isEqualTo(whole.objects());
    assertThat(more.copied()).isEqualTo(more.objects() - whole.objects()).isPositive();
    assertThat(names(copy)).isEqualTo(names(original));
    SmallSnapshots.assertHolds(fixture.through(copy).reader(), "s2", second);
    assertThat(copy(original, copy).copied()).isZero();
    assertThat(
            fixture
                .through(copy)
                .reader()
                .verification()
                .run(Verification.Depth.L2, Progress.none()))
        .satisfies(report -> assertThat(report.problems()).isEmpty());
  }

  @Test
  void whereverACopyStopsWhatIsListedRestoresAndTheNextRunEndsIt() {
    SmallSnapshots.write(fixture.writer(), "s2", second);
    boolean stopped = true;
    int puts = 0;
    for (; stopped; puts++) {
      var copy = new InMemoryStore();
      var faulty = new FaultyStore(copy);
      for (int n = 0; n < puts; n++) {
        faulty.queue(FaultyStore.Method.PUT, new FaultyStore.Fault.Pass());
      }
      faulty.queue(FaultyStore.Method.PUT, FaultyStore.Fault.unreachable());
      try {
        copy(original, faulty);
        stopped = false;
      } catch (LifeboatException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
      }
      if (copy.head("log/0000000000000000").isPresent()) {
        fixture
            .through(copy)
            .reader()
            .snapshots()
            .forEach(info ->
                SmallSnapshots.assertHolds(
                    fixture.through(copy).reader(),
                    info.id(),
                    info.id().equals("s1") ? first : second));
      }
      assertThat(copy(original, copy).problems()).isEmpty();
      assertThat(names(copy)).isEqualTo(names(original));
    }
    assertThat(puts).isGreaterThan(12);
  }

  @Test
  void aSnapshotThatIsTakenMeanwhileIsNotListedBeforeItIsWhole() {
    var copy = new InMemoryStore();
    var taken = new AtomicBoolean();
    ObjectStore busy =
        (ObjectStore)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> {
                  boolean pack =
                      method.getName().equals("get") && arguments[0].toString().startsWith("p/");
                  if (pack && taken.compareAndSet(false, true)) {
                    SmallSnapshots.write(fixture.writer(), "s2", second);
                  }
                  try {
                    return method.invoke(original, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getTargetException();
                  }
                });

    copy(busy, copy);
    assertThat(taken).isTrue();
    assertThat(fixture.through(copy).reader().snapshots())
        .extracting(SnapshotInfo::id)
        .containsExactly("s1");

    copy(busy, copy);
    SmallSnapshots.assertHolds(fixture.through(copy).reader(), "s2", second);
  }

  @Test
  void anotherRepositoryIsLeftAlone() {
    var other = new InMemoryStore();
    RepositoryFixture.create(other, folder.resolve("spool"));
    List<String> before = names(other);
    assertThatThrownBy(() -> copy(original, other))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_EXISTS));
    assertThat(names(other)).isEqualTo(before);
  }

  @Test
  void aDamagedPackIsNotSpreadAndIsNamed() {
    String pack =
        names(original).stream().filter(name -> name.startsWith("p/d/")).findFirst().orElseThrow();
    byte[] good = original.get(pack);
    byte[] bad = good.clone();
    bad[100] ^= 1;
    original.overwrite(pack, bad);
    var copy = new InMemoryStore();

    assertThat(copy(original, copy).problems()).singleElement().asString().contains(pack);
    assertThat(copy.head(pack)).isEmpty();

    original.overwrite(pack, good);
    assertThat(copy(original, copy).problems()).isEmpty();
    SmallSnapshots.assertHolds(fixture.through(copy).reader(), "s1", first);
  }

  @Test
  void aDamagedLogEntryIsNotSpreadAndEndsTheCopyOfTheLog() {
    String entry = "log/0000000000000002";
    byte[] bad = original.get(entry);
    bad[60] ^= 1;
    original.overwrite(entry, bad);
    var copy = new InMemoryStore();
    assertThat(copy(original, copy).problems()).singleElement().asString().contains(entry);
    assertThat(copy.head(entry)).isEmpty();
  }

  @Test
  void aCopyWhoseLogWentAnotherWayIsRefused() {
    var copy = new InMemoryStore();
    copy(original, copy);
    RepositoryCopy.promote(copy);
    RepositoryFixture another = fixture.onAnotherMachine(folder.resolve("another/spool"));
    SmallSnapshots.write(another.through(copy).writer(), "elsewhere", second);
    assertThatThrownBy(() -> copy(original, copy))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_BROKEN))
        .hasMessageContaining("log/0000000000000004");
    SmallSnapshots.write(fixture.writer(), "s2", second);
    assertThatThrownBy(() -> copy(original, copy))
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("log/0000000000000004");
  }

  @Test
  void anObjectOfAnotherSizeInTheCopyIsNamed() {
    var copy = new InMemoryStore();
    copy(original, copy);
    copy.overwrite("README.txt", new byte[3]);
    assertThat(copy(original, copy).problems()).singleElement().asString().contains("README.txt");
  }

  @Test
  void aCopyBringsAMissingPackBack() {
    var copy = new InMemoryStore();
    copy(original, copy);
    names(original).stream().filter(name -> name.startsWith("p/")).forEach(original::delete);

    assertThat(copy(copy, original).problems()).isEmpty();

    SmallSnapshots.assertHolds(fixture.reader(), "s1", first);
  }

  @Test
  void whatIsNoRepositoryIsNotCopied() {
    var empty = new InMemoryStore();
    empty.putIfAbsent("something", new Body.Bytes(new byte[1]));
    assertThatThrownBy(() -> copy(empty, new InMemoryStore()))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_MISSING));
  }

  private static CopyReport copy(ObjectStore from, ObjectStore to) {
    return new RepositoryCopy(from, to, new SecureRandom(), Clock.systemUTC()).run(Progress.none());
  }

  private static List<String> names(ObjectStore store) {
    try (Stream<ObjectInfo> all = store.list("")) {
      return all.map(ObjectInfo::name)
          .filter(name -> !name.startsWith("probe/") && !name.equals("log/copy"))
          .toList();
    }
  }
}
