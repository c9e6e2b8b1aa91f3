package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.PackSizes;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.StoreProof;
import io.lifeboat.repository.Verification.Depth;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.folder.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a backup, the store is asked for what it was given. */
class ReadBackTest {
  private static final PackSizes SMALL = new PackSizes(1 << 20, 256 << 10, 1 << 20);
  private static final long ALL = Long.MAX_VALUE;

  @TempDir Path folder;
  private FolderStore store;
  private RepositoryFixture fixture;
  private Path tree;
  private final BackupEngine engine =
      new BackupEngine(new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC());

  @BeforeEach
  void createRepository() throws IOException {
    store = new FolderStore(folder.resolve("store"));
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    tree = Files.createDirectories(folder.resolve("artifacts"));
    plant("one", 4 << 20, 1);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void allThatARunWroteIsReadBackAndWhatWasThereBeforeIsLookedFor() throws Exception {
    Map<String, Long> before = sizes();
    BackupResult first = backUp(store, ALL);
    Map<String, Long> after = sizes();
    Map<String, Long> written = without(after, before.keySet());

    assertThat(first.failure()).isEmpty();
    assertThat(first.proof().level()).isEqualTo(Depth.L1);
    assertThat(first.proof().packs()).isEqualTo(count(written, "p/")).isGreaterThan(3);
    assertThat(first.proof().bytes()).isEqualTo(bytes(written, "p/") + bytes(written, "x/"));
    assertThat(bytes(written, "x/")).isPositive();
    assertThat(first.proof().left()).isZero();
    assertThat(first.proof().leftBytes()).isZero();
    assertThat(first.proof().older()).isZero();

    plant("two", 1 << 20, 2);
    BackupResult second = backUp(store, ALL);
    Map<String, Long> more = without(sizes(), after.keySet());
    assertThat(second.failure()).isEmpty();
    assertThat(second.proof().packs()).isEqualTo(count(more, "p/"));
    assertThat(second.proof().bytes()).isEqualTo(bytes(more, "p/") + bytes(more, "x/"));
    assertThat(second.proof().older()).isEqualTo(count(written, "p/d/"));
  }

  @Test
  void nothingIsReadButWhatTheRunWrote() {
    backUp(store, ALL);
    var watched = new WatchedStore(store);
    BackupResult second = backUp(watched, ALL);
    Set<String> packs = new HashSet<>();
    watched.gets.stream().filter(name -> name.startsWith("p/")).forEach(packs::add);
    assertThat(packs).isSubsetOf(watched.puts).hasSize((int) second.proof().packs());
    assertThat(watched.heads).noneMatch(name -> name.startsWith("p/"));
    assertThat(second.proof().packs()).isPositive();
    assertThat(second.proof().older()).isPositive();
  }

  @Test
  void aPackThatTheStoreDropsAfterItTookItFailsTheBackup() {
    var dropping = new DroppingStore(store, "p/d/");
    BackupResult result = backUp(dropping, ALL);

    LifeboatException failure = result.failure().orElseThrow();
    assertThat(failure.code()).isEqualTo(ErrorCode.OBJECT_MISSING);
    assertThat(failure.code().kind().exitStatus()).isEqualTo(1);
    assertThat(failure.getMessage()).contains(result.snapshot()).contains(dropping.dropped);
    assertThat(failure.hint()).contains("another backup");
    assertThat(listed()).contains(result.snapshot());

    // What to do about it works: the next backup stores anew what is gone.
    BackupResult next = backUp(store, ALL);
    assertThat(next.failure()).isEmpty();
    assertThat(next.bytesStored()).isGreaterThan(256 << 10);
    assertThat(fixture.reader().verification().run(Depth.L2, Progress.none()).problems())
        .isNotEmpty()
        .allMatch(
            problem -> problem.contains(dropping.dropped) || problem.contains(result.snapshot()));
  }

  @Test
  void aDroppedPackIsMissedAlsoWhereNothingIsReadBack() {
    var dropping = new DroppingStore(store, "p/d/");
    BackupResult result = backUp(dropping, 0);
    assertThat(result.failure().orElseThrow().code()).isEqualTo(ErrorCode.OBJECT_MISSING);
    assertThat(result.failure().orElseThrow().getMessage()).contains(dropping.dropped);
    assertThat(dropping.gets).isEmpty();
  }

  @Test
  void aStoreThatKeepsOtherBytesThanItWasSentFailsTheBackup() {
    for (String prefix : List.of("p/d/", "p/m/", "x/")) {
      var flipping = new FlippingStore(store, prefix);
      plant("for-" + prefix.replace('/', '-'), 2 << 20, prefix.hashCode());
      BackupResult result = backUp(flipping, ALL);

      LifeboatException failure = result.failure().orElseThrow();
      assertThat(failure.code()).as(prefix).isEqualTo(ErrorCode.OBJECT_DAMAGED);
      assertThat(failure.getMessage()).contains(result.snapshot()).contains(flipping.flipped);
      assertThat(failure.hint()).contains("move a damaged pack away");
      assertThat(result.proof().problems()).hasSize(1);
      assertThat(listed()).contains(result.snapshot());
      store.delete(flipping.flipped);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPackOfBeforeThatIsLostMeanwhileFailsTheBackupThatCountsOnIt(boolean whole) {
    BackupResult first = backUp(store, ALL);
    plant("two", 1 << 20, 2);
    var losing = new LosingStore(store, whole);
    BackupResult second = backUp(losing, ALL);
    LifeboatException failure = second.failure().orElseThrow();
    assertThat(failure.code())
        .isEqualTo(whole ? ErrorCode.OBJECT_MISSING : ErrorCode.OBJECT_DAMAGED);
    assertThat(failure.getMessage()).contains(losing.victim).contains(second.snapshot());
    assertThat(second.proof().problems()).hasSize(1);
    assertThat(listed()).containsExactlyInAnyOrder(first.snapshot(), second.snapshot());
  }

  @Test
  void anEntryOfTheLogThatTheStoreChangesFailsTheBackup() {
    var flipping = new FlippingStore(store, "log/");
    BackupResult result = backUp(flipping, ALL);
    assertThat(result.failure().orElseThrow().code()).isEqualTo(ErrorCode.OBJECT_DAMAGED);
    assertThat(result.failure().orElseThrow().getMessage()).contains(flipping.flipped);
    assertThat(listed()).isEmpty();
  }

  @Test
  void anEntryOfTheLogThatTheStoreDropsFailsTheBackup() {
    backUp(store, ALL);
    var dropping = new DroppingStore(store, "log/");
    BackupResult result = backUp(dropping, ALL);
    assertThat(result.failure().orElseThrow().code()).isEqualTo(ErrorCode.OBJECT_MISSING);
    assertThat(result.failure().orElseThrow().getMessage()).contains(dropping.dropped);
    assertThat(listed()).doesNotContain(result.snapshot());
  }

  @Test
  void whatIsTooMuchIsLeftAndSaidNewestFirst() throws Exception {
    Map<String, Long> before = sizes();
    var watched = new WatchedStore(store);
    long most = 3 << 19;
    BackupResult result = backUp(watched, most);
    Map<String, Long> written = without(sizes(), before.keySet());
    StoreProof proof = result.proof();

    assertThat(result.failure()).isEmpty();
    assertThat(proof.level()).isEqualTo(Depth.L0);
    assertThat(proof.bytes()).isPositive().isLessThanOrEqualTo(most);
    assertThat(proof.packs()).isPositive();
    assertThat(proof.left()).isPositive();
    assertThat(proof.packs() + proof.left()).isEqualTo(count(written, "p/"));
    assertThat(proof.bytes() + proof.leftBytes())
        .isEqualTo(bytes(written, "p/") + bytes(written, "x/"));
    // The pack with the root record is the newest.
    List<String> packs = watched.puts.stream().filter(name -> name.startsWith("p/")).toList();
    assertThat(watched.gets).contains(packs.getLast()).doesNotContain(packs.getFirst());
  }

  @Test
  void withReadingBackOffItIsOnlyLookedWhetherAllIsThere() {
    var watched = new WatchedStore(store);
    BackupResult result = backUp(watched, 0);
    assertThat(result.failure()).isEmpty();
    assertThat(result.proof().level()).isEqualTo(Depth.L0);
    assertThat(result.proof().packs()).isZero();
    assertThat(result.proof().bytes()).isZero();
    assertThat(result.proof().left()).isGreaterThan(3);
    assertThat(watched.gets).noneMatch(name -> name.startsWith("p/") || name.startsWith("x/"));
  }

  @Test
  void aStoreThatDoesNotAnswerThenLeavesTheSnapshotAndSaysSo() {
    var silent = new SilentStore(store);
    assertThatThrownBy(() -> backUp(silent, ALL))
        .isInstanceOfSatisfying(
            TransientException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
              assertThat(listed()).hasSize(1);
              assertThat(e.getMessage()).contains(listed().getFirst()).contains("is in the log");
              assertThat(e.hint()).contains("verify --level L1");
            });
  }

  private BackupResult backUp(ObjectStore through, long readBackBytes) {
    return engine.run(
        new BackupEngine.Order(
            fixture.through(through).writer(SMALL),
            "docs-nightly",
            "docs",
            new SourceConfig.Files(List.of(tree), List.of()),
            List.of(),
            folder.resolve("cache"),
            readBackBytes),
        Progress.none());
  }

  private List<String> listed() {
    return fixture.reader().snapshots().stream().map(SnapshotInfo::id).toList();
  }

  private void plant(String name, int sizeBytes, int seed) {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    try {
      Files.write(tree.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Long> sizes() {
    Map<String, Long> sizes = new HashMap<>();
    try (Stream<ObjectInfo> all = store.list("")) {
      all.forEach(object -> sizes.put(object.name(), object.sizeBytes()));
    }
    return sizes;
  }

  private static Map<String, Long> without(Map<String, Long> all, Set<String> some) {
    Map<String, Long> rest = new HashMap<>(all);
    rest.keySet().removeAll(some);
    return rest;
  }

  private static long count(Map<String, Long> sizes, String prefix) {
    return sizes.keySet().stream().filter(name -> name.startsWith(prefix)).count();
  }

  private static long bytes(Map<String, Long> sizes, String prefix) {
    return sizes.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static byte[] read(Body body) {
    return switch (body) {
      case Body.Bytes bytes -> bytes.bytes();
      case Body.SpooledFile file -> {
        try {
          yield Files.readAllBytes(file.path());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** Notes what it is asked for, in order. */
  private static class WatchedStore extends ForwardingStore {
    final List<String> puts = Collections.synchronizedList(new ArrayList<>());
    final List<String> gets = Collections.synchronizedList(new ArrayList<>());
    final List<String> heads = Collections.synchronizedList(new ArrayList<>());

    WatchedStore(ObjectStore store) {
      super(store);
    }

    @Override
    public PutOutcome putIfAbsent(String name, Body body) {
      PutOutcome outcome = super.putIfAbsent(name, body);
      puts.add(name);
      return outcome;
    }

    @Override
    public byte[] get(String name, long mostBytes) {
      gets.add(name);
      return super.get(name, mostBytes);
    }

    @Override
    public java.util.Optional<ObjectInfo> head(String name) {
      heads.add(name);
      return super.head(name);
    }
  }

  /** Says that it has created the first object of a prefix, and has it no more. */
  private static final class DroppingStore extends ForwardingStore {
    final List<String> gets = Collections.synchronizedList(new ArrayList<>());
    private final String prefix;
    volatile String dropped = "";

    DroppingStore(ObjectStore store, String prefix) {
      super(store);
      this.prefix = prefix;
    }

    @Override
    public synchronized PutOutcome putIfAbsent(String name, Body body) {
      PutOutcome outcome = super.putIfAbsent(name, body);
      if (name.startsWith(prefix) && dropped.isEmpty()) {
        dropped = name;
        super.delete(name);
      }
      return outcome;
    }

    @Override
    public byte[] get(String name, long mostBytes) {
      if (name.startsWith("p/")) {
        gets.add(name);
      }
      return super.get(name, mostBytes);
    }
  }

  /** Keeps the first object of a prefix with one bit changed. */
  private static final class FlippingStore extends ForwardingStore {
    private final String prefix;
    volatile String flipped = "";

    FlippingStore(ObjectStore store, String prefix) {
      super(store);
      this.prefix = prefix;
    }

    @Override
    public synchronized PutOutcome putIfAbsent(String name, Body body) {
      boolean snapshot =
          !prefix.equals("log/")
              || new String(read(body), java.nio.charset.StandardCharsets.UTF_8)
                  .contains("\"snapshot\"");
      if (!name.startsWith(prefix) || !flipped.isEmpty() || !snapshot) {
        return super.putIfAbsent(name, body);
      }
      flipped = name;
      byte[] bytes = read(body).clone();
      bytes[bytes.length / 2] ^= 1;
      return super.putIfAbsent(name, new Body.Bytes(bytes));
    }
  }

  /** Loses an object that was there before, or all of it but a byte, once something is put. */
  private static final class LosingStore extends ForwardingStore {
    private final boolean whole;
    volatile String victim = "";

    LosingStore(ObjectStore store, boolean whole) {
      super(store);
      this.whole = whole;
    }

    @Override
    public synchronized PutOutcome putIfAbsent(String name, Body body) {
      if (name.startsWith("p/") && victim.isEmpty()) {
        try (Stream<ObjectInfo> packs = list("p/d/")) {
          victim = packs.map(ObjectInfo::name).findFirst().orElseThrow();
        }
        super.delete(victim);
        if (!whole) {
          super.putIfAbsent(victim, new Body.Bytes(new byte[1]));
        }
      }
      return super.putIfAbsent(name, body);
    }
  }

  /** Does not answer when a pack is read. */
  private static final class SilentStore extends ForwardingStore {
    SilentStore(ObjectStore store) {
      super(store);
    }

    @Override
    public byte[] get(String name, long mostBytes) {
      if (name.startsWith("p/")) {
        throw new TransientException(
            ErrorCode.STORE_UNREACHABLE, "The store does not answer: " + name, "Try again.");
      }
      return super.get(name, mostBytes);
    }
  }
}
