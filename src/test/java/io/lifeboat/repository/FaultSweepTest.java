package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.InterruptedStore.Interruption;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Interrupts backup, prune, copy and rewrap at every single call to a store (of a copy, to either),
 * each way that a call can go wrong. Afterwards every snapshot in the log restores byte for byte,
 * and the same work, done again, ends where it would have ended.
 */
@Tag("slow")
class FaultSweepTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Map<String, byte[]> FIRST = SmallSnapshots.randomFiles(1, 3, 540_000);
  private static final Map<String, byte[]> SECOND = SmallSnapshots.randomFiles(2, 2, 540_000);
  private static final Map<String, byte[]> BOTH = new LinkedHashMap<>(FIRST);
  private static final Map<String, Integer> POINTS = new TreeMap<>();

  static {
    // One file of the first snapshot lives on in the second: that makes its pack mostly dead.
    SECOND.put("file-1-000", FIRST.get("file-1-000"));
    BOTH.putAll(SECOND);
  }

  @TempDir static Path folder;
  private static World oneSnapshot;
  private static World twoSnapshots;
  private static EveryKindOfObject everything;
  private static Set<String> envelopes;

  /** A repository and the machine that works on it. */
  private record World(InMemoryStore store, RepositoryFixture fixture, Path machine) {
    /** Its own copy of both, as they are. */
    World copy(Path copiedMachine) throws IOException {
      try (Stream<Path> files = Files.walk(machine)) {
        for (Path file : files.toList()) {
          Files.copy(file, copiedMachine.resolve(machine.relativize(file).toString()));
        }
      }
      InMemoryStore copied = store.copy();
      return new World(
          copied,
          fixture.through(copied).onAnotherMachine(copiedMachine.resolve("spool")),
          copiedMachine);
    }
  }

  @BeforeAll
  static void backUp() throws IOException {
    oneSnapshot = world("one");
    SmallSnapshots.write(oneSnapshot.fixture().writer(), "s1", FIRST);
    twoSnapshots = oneSnapshot.copy(folder.resolve("two"));
    SmallSnapshots.write(twoSnapshots.fixture().writer(), "s2", SECOND);
    everything = EveryKindOfObject.create(folder.resolve("every/spool"));
    envelopes = names(everything.store(), Names.KEYS);
    assertThat(envelopes).hasSizeGreaterThan(4);
  }

  private static World world(String name) {
    var store = new InMemoryStore();
    Path machine = folder.resolve(name);
    return new World(store, RepositoryFixture.create(store, machine.resolve("spool")), machine);
  }

  @AfterAll
  static void printPoints() {
    POINTS.forEach(
        (command, points) -> System.out.printf("fault sweep: %s: %d points%n", command, points));
    System.out.printf(
        "fault sweep: %d points in all%n",
        POINTS.values().stream().mapToInt(Integer::intValue).sum());
  }

  @ParameterizedTest
  @EnumSource
  void aBackupThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) throws Exception {
    Map<String, Map<String, byte[]>> files = Map.of("s1", FIRST, "s2", BOTH);
    sweep("backup", 20, interruption, at -> new Backup(copy(oneSnapshot, at), files));
  }

  @ParameterizedTest
  @EnumSource
  void aPruneThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) throws Exception {
    Map<String, Map<String, byte[]>> files = Map.of("s1", FIRST, "s2", SECOND);
    sweep("prune", 80, interruption, at -> new Prune(copy(twoSnapshots, at), files));
  }

  @ParameterizedTest
  @EnumSource
  void aRewrapThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) throws Exception {
    sweep("rewrap", 30, interruption, at -> new Rewrapping(everything.store().copy(), spool(at)));
  }

  @ParameterizedTest
  @EnumSource
  void aCopyWhoseSourceIsInterruptedAnywhereHarmsNothing(Interruption interruption)
      throws Exception {
    sweep("copy, its source", 30, interruption, at -> Copying.first(Side.SOURCE, spool(at)));
  }

  @ParameterizedTest
  @EnumSource
  void aCopyWhoseTargetIsInterruptedAnywhereHarmsNothing(Interruption interruption)
      throws Exception {
    sweep("copy, its target", 60, interruption, at -> Copying.first(Side.TARGET, spool(at)));
  }

  @ParameterizedTest
  @EnumSource
  void aLaterCopyThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) throws Exception {
    sweep("later copy, its source", 20, interruption, at -> Copying.later(Side.SOURCE, spool(at)));
    sweep("later copy, its target", 30, interruption, at -> Copying.later(Side.TARGET, spool(at)));
  }

  private static void sweep(
      String command, int atLeast, Interruption interruption, FaultSweep.Start start)
      throws Exception {
    int points = FaultSweep.points(interruption, start);
    POINTS.merge(command, points, Integer::sum);
    assertThat(points).isGreaterThan(atLeast);
  }

  private static World copy(World world, int point) throws IOException {
    return world.copy(spool(point).getParent());
  }

  /** Where nobody worked before. */
  private static Path spool(int point) throws IOException {
    return Files.createTempDirectory(folder, "point-" + point + "-").resolve("machine/spool");
  }

  /** A command on one repository. */
  private abstract static class OnOneStore implements FaultSweep.Attempt {
    final World world;
    private final Map<String, Map<String, byte[]>> files;

    OnOneStore(World world, Map<String, Map<String, byte[]>> files) {
      this.world = world;
      this.files = files;
    }

    @Override
    public void run(UnaryOperator<ObjectStore> between) {
      run(world.fixture().through(between.apply(world.store())));
    }

    abstract void run(RepositoryFixture fixture);

    /** The snapshot that the command has nothing to do with. */
    abstract String bystander();

    @Override
    public void harmedNothing(String when) {
      assertThat(everySnapshotRestores(world.fixture(), files, when)).contains(bystander());
    }

    /** One more round of maintenance leaves only packs that a snapshot needs. */
    @Override
    public void converged(String when) {
      Maintenance maintenance = world.fixture().writer().maintenance();
      maintenance.condemn(AT_ONCE, maintenance.storeTime(), false, Set.of());
      maintenance.sweep(AT_ONCE, maintenance.storeTime());
      maintenance.deleteSwept(Progress.none());
      assertThat(names(world.store(), Names.PACKS))
          .as(when)
          .isEqualTo(world.fixture().neededPacks());
      isSound(world.fixture(), when);
    }
  }

  private static final class Backup extends OnOneStore {
    Backup(World world, Map<String, Map<String, byte[]>> files) {
      super(world, files);
    }

    @Override
    void run(RepositoryFixture fixture) {
      if (fixture.writer().snapshots().stream().noneMatch(info -> info.id().equals("s2"))) {
        SmallSnapshots.write(fixture.writer(), "s2", BOTH);
      }
    }

    @Override
    String bystander() {
      return "s1";
    }

    @Override
    public void converged(String when) {
      assertThat(ids(world.fixture())).as(when).containsExactlyInAnyOrder("s1", "s2");
      super.converged(when);
    }
  }

  private static final class Prune extends OnOneStore {
    Prune(World world, Map<String, Map<String, byte[]>> files) {
      super(world, files);
    }

    @Override
    void run(RepositoryFixture fixture) {
      EveryKindOfObject.prune(fixture, "s1");
    }

    @Override
    String bystander() {
      return "s2";
    }

    @Override
    public void converged(String when) {
      assertThat(ids(world.fixture())).as(when).containsExactly("s2");
      super.converged(when);
    }
  }

  /** Adds envelopes to a repository that has none. */
  private static final class Rewrapping implements FaultSweep.Attempt {
    private final InMemoryStore store;
    private final RepositoryFixture fixture;

    Rewrapping(InMemoryStore store, Path spool) {
      envelopes.forEach(store::delete);
      this.store = store;
      this.fixture = everything.fixture().through(store).onAnotherMachine(spool);
    }

    @Override
    public void run(UnaryOperator<ObjectStore> between) {
      Rewrap.Result result =
          fixture.through(between.apply(store)).reader().rewrap().run(Progress.none());
      if (result.problems().isEmpty()) {
        assertThat(names(store, Names.KEYS)).isEqualTo(envelopes);
      }
    }

    @Override
    public void harmedNothing(String when) {
      assertThat(envelopes).as(when).containsAll(names(store, Names.KEYS));
      assertThat(everySnapshotRestores(fixture, everything.files(), when))
          .isEqualTo(EveryKindOfObject.LISTED);
    }

    @Override
    public void converged(String when) {
      assertThat(names(store, Names.KEYS)).as(when).isEqualTo(envelopes);
      for (String id : EveryKindOfObject.LISTED) {
        restores(fixture.reader(everything.late()), id, everything.files(), when);
      }
    }
  }

  /** Which store of a copy is swept. */
  private enum Side {
    SOURCE,
    TARGET
  }

  /** Copies the repository with everything to a store that is empty, or has an earlier state. */
  private static final class Copying implements FaultSweep.Attempt {
    private final InMemoryStore source = everything.store().copy();
    private final InMemoryStore target;
    private final Side side;
    private final RepositoryFixture there;
    private final boolean isFirst;

    private Copying(InMemoryStore target, Side side, Path spool, boolean isFirst) {
      this.target = target;
      this.side = side;
      this.there = everything.fixture().through(target).onAnotherMachine(spool);
      this.isFirst = isFirst;
    }

    static Copying first(Side side, Path spool) {
      return new Copying(new InMemoryStore(), side, spool, true);
    }

    static Copying later(Side side, Path spool) {
      return new Copying(everything.early().copy(), side, spool, false);
    }

    @Override
    public void run(UnaryOperator<ObjectStore> between) {
      ObjectStore from = side == Side.SOURCE ? between.apply(source) : source;
      ObjectStore to = side == Side.TARGET ? between.apply(target) : target;
      new RepositoryCopy(from, to, new SecureRandom(), Clock.systemUTC()).run(Progress.none());
    }

    @Override
    public void harmedNothing(String when) {
      assertThat(isContained(everything.store(), source)).as(when).isTrue();
      assertThat(isContained(source, everything.store())).as(when).isTrue();
      if (target.head(Names.log(0)).isEmpty()) {
        assertThat(isFirst).as(when).isTrue();
        return;
      }
      Set<String> listed = ids(there);
      assertThat(listed).as(when).contains("s2");
      for (String id : listed) {
        restores(there.reader(), id, everything.files(), when);
      }
    }

    @Override
    public void converged(String when) {
      assertThat(isContained(source, target)).as(when).isTrue();
      assertThat(ids(there)).as(when).isEqualTo(EveryKindOfObject.LISTED);
    }
  }

  private static Set<String> everySnapshotRestores(
      RepositoryFixture fixture, Map<String, Map<String, byte[]>> files, String when) {
    Set<String> ids = ids(fixture);
    ids.forEach(id -> restores(fixture.reader(), id, files, when));
    return ids;
  }

  private static void restores(
      Repository reader, String id, Map<String, Map<String, byte[]>> files, String when) {
    Map<String, byte[]> actual = SmallSnapshots.read(reader, id);
    assertThat(files).as(when).containsKey(id);
    Map<String, byte[]> expected = files.get(id);
    assertThat(actual.keySet()).as(when).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((name, bytes) ->
        assertThat(Arrays.equals(actual.get(name), bytes)).as(name + " " + when).isTrue());
  }

  private static void isSound(RepositoryFixture fixture, String when) {
    assertThat(
            fixture.reader().verification().run(Verification.Depth.L1, Progress.none()).problems())
        .as(when)
        .isEmpty();
  }

  private static Set<String> ids(RepositoryFixture fixture) {
    return fixture.reader().snapshots().stream().map(SnapshotInfo::id).collect(Collectors.toSet());
  }

  private static Set<String> names(ObjectStore store, String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).collect(Collectors.toSet());
    }
  }

  /** Whether another store has all objects that are not left by probes, with the same bytes. */
  private static boolean isContained(ObjectStore store, ObjectStore other) {
    return names(store, "").stream()
        .filter(name -> !name.startsWith(Names.PROBE))
        .allMatch(name ->
            other.head(name).isPresent()
                && Arrays.equals(store.get(name, Long.MAX_VALUE), other.get(name, Long.MAX_VALUE)));
  }
}
