package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changes one bit of an object, at its first byte, at its last, and at some between, and lets
 * {@code verify --level L2} find it: objects of every kind, in a repository that has lived through
 * everything.
 */
@Tag("slow")
class OneBitTest {
  private static final long SEED = Long.getLong("lifeboat.seed", System.nanoTime());
  private static final int BETWEEN = 4;

  @TempDir static Path folder;
  private static EveryKindOfObject everything;
  private static InMemoryStore store;

  @BeforeAll
  static void liveThroughEverything() {
    everything = EveryKindOfObject.create(folder.resolve("every/spool"));
    store = everything.store();
    System.out.println("one bit: seed " + SEED);
  }

  @Test
  void nothingIsWrongBeforehandAndNoKindIsMissing() {
    for (Repository reader : List.of(repository("a/"), repository("k/"))) {
      VerifyReport report = verify(reader);
      assertThat(report.problems()).isEmpty();
      assertThat(report.warnings()).isEmpty();
    }
    Set<Class<?>> types =
        everything.fixture().reader().context().log().read().entries().stream()
            .map(entry -> entry.body().getClass())
            .collect(Collectors.toSet());
    assertThat(types).containsExactlyInAnyOrder(LogRecord.class.getPermittedSubclasses());
    assertThat(names(Names.ATTESTATIONS)).hasSizeGreaterThan(1);
    assertThat(everything.fixture().footers().keySet().stream().map(PackRef::objectName))
        .contains(relocatedTo());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "format",
        "README.txt",
        "spec/repository-format.md",
        "log/",
        "p/d/",
        "p/m/",
        "x/",
        "k/",
        "w/",
        "e/",
        "a/"
      })
  void oneBitIsNoticedAndItsObjectNamed(String kind) {
    var random = new Random(SEED);
    List<String> objects = names(kind);
    assertThat(objects).isNotEmpty();
    int flips = 0;
    for (String name : objects) {
      byte[] good = store.get(name);
      int[] offsets =
          IntStream.concat(IntStream.of(0, good.length - 1), random.ints(BETWEEN, 0, good.length))
              .toArray();
      for (int offset : offsets) {
        isNamed(kind, name, good, offset, random.nextInt(8));
        flips++;
      }
    }
    System.out.printf("one bit: %s: %d in %d objects%n", kind, flips, objects.size());
  }

  private static void isNamed(String kind, String name, byte[] good, int offset, int bit) {
    byte[] bad = good.clone();
    bad[offset] ^= (byte) (1 << bit);
    store.overwrite(name, bad);
    try {
      assertThat(sayings(kind))
          .as("%s, bit %d of byte %d of %d, seed %d", name, bit, offset, good.length, SEED)
          .anyMatch(saying -> saying.contains(name));
    } finally {
      store.overwrite(name, good);
    }
  }

  @Test
  void onlyWhatAProbeLeftIsNobodysBusiness() {
    Set<String> kinds = Set.of("format", "README.txt", "spec", "log", "p", "x", "k", "w", "e", "a");
    assertThat(
            names("").stream().map(name -> name.split("/", 2)[0]).filter(k -> !kinds.contains(k)))
        .containsOnly("probe");
  }

  /** What a verification says is wrong; only of attestations a warning will do. */
  private static List<String> sayings(String kind) {
    try {
      VerifyReport report = verify(repository(kind));
      return kind.equals(Names.ATTESTATIONS) ? report.warnings() : report.problems();
    } catch (LifeboatException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static VerifyReport verify(Repository repository) {
    return repository.verification().run(Verification.Depth.L2, Progress.none());
  }

  /** An envelope that was added can only be read by whom it was added for. */
  private static Repository repository(String kind) {
    return kind.equals(Names.KEYS)
        ? everything.fixture().reader(everything.late())
        : everything.fixture().reader();
  }

  private static String[] relocatedTo() {
    return everything
        .fixture()
        .reader()
        .context()
        .log()
        .read()
        .all(LogRecord.Relocate.class)
        .map(entry -> PackFates.ref(entry.to()).objectName())
        .toArray(String[]::new);
  }

  private static List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
