package io.lifeboat.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SmallSnapshots;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectRetention;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneLocksTest {
  private static final Duration RETAIN = Duration.ofDays(30);
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private final InMemoryStore store = new InMemoryStore();
  private final Locks locks = new Locks();

  @TempDir Path folder;
  private RepositoryFixture fixture;

  @BeforeEach
  void backUpTwice() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", SmallSnapshots.randomFiles(1, 2, 600_000));
    SmallSnapshots.write(fixture.writer(), "s2", SmallSnapshots.randomFiles(2, 2, 600_000));
    objects().forEach(name -> locks.until.put(name, NOW.plus(RETAIN)));
  }

  @Test
  void whatIsNeededStaysLockedAndWhatIsNotGoes() {
    PruneResult result = prune(NOW.plus(Duration.ofDays(20)));

    assertThat(result.removed()).extracting(Decision::id).containsExactly("s1");
    assertThat(result.alarms()).isEmpty();
    Set<String> left = objects();
    assertThat(left).isNotEmpty();
    assertThat(left)
        .filteredOn(locks.until::containsKey)
        .allSatisfy(
            name -> assertThat(locks.until.get(name)).isEqualTo(NOW.plus(Duration.ofDays(50))));
    assertThat(locks.until.keySet()).as("packs of s1 are gone").isNotEqualTo(left);
    assertThat(locks.extended).isSubsetOf(left);
  }

  @Test
  void whileMoreThanHalfIsLeftNothingIsAsked() {
    prune(NOW.plus(Duration.ofDays(10)));
    assertThat(locks.extended).filteredOn(name -> !name.startsWith("log/")).isEmpty();
  }

  @Test
  void aLockThatHadEndedIsAnAlarm() {
    PruneResult result = prune(NOW.plus(Duration.ofDays(31)));
    assertThat(result.alarms()).anyMatch(alarm -> alarm.startsWith("format was not locked since"));
  }

  private PruneResult prune(Instant now) {
    // The entries that this prune itself has written are locked as a store does on writing.
    locks.unknown = now.plus(RETAIN);
    var retention =
        new PlanConfig.Retention(
            Optional.of(1),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());
    var plan =
        new PlanConfig(
            "docs",
            "primary",
            Optional.empty(),
            Optional.of(retention),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty());
    return new PruneEngine(Clock.fixed(now, ZoneOffset.UTC))
        .run(
            new PruneEngine.Order(
                fixture.writer(),
                Map.of("docs-nightly", plan),
                Duration.ZERO,
                Duration.ZERO,
                10,
                true,
                false,
                Optional.of(new PruneEngine.Locks(locks, RETAIN))),
            Progress.none());
  }

  private Set<String> objects() {
    try (Stream<ObjectInfo> all = store.list("")) {
      return all.map(ObjectInfo::name).collect(Collectors.toSet());
    }
  }

  /** The locks of a store that has them. */
  private static final class Locks implements ObjectRetention {
    private final Map<String, Instant> until = new ConcurrentHashMap<>();
    private final List<String> extended = new java.util.concurrent.CopyOnWriteArrayList<>();
    private Instant unknown = Instant.EPOCH;

    @Override
    public Optional<Instant> retainedUntil(String name) {
      return Optional.of(until.getOrDefault(name, unknown));
    }

    @Override
    public void extend(String name, Instant later) {
      until.put(name, later);
      extended.add(name);
    }
  }
}
