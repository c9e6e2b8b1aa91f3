package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairTest {
  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final Map<String, byte[]> files = SmallSnapshots.randomFiles(1, 4, 600_000);
  private RepositoryFixture fixture;

  @BeforeEach
  void backUpOnce() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", files);
  }

  @Test
  void aLostIndexIsWrittenAnewByTheBackupNodeAlone() {
    names("x/").forEach(store::delete);
    assertThat(verifyWarnings()).singleElement().asString().contains("x/", "lifeboat repair");
    List<String> before = names("");

    RepairReport dry = fixture.writer().repair().run(true, Progress.none());
    assertThat(names("")).isEqualTo(before);
    RepairReport real = fixture.writer().repair().run(false, Progress.none());

    assertThat(real).isEqualTo(dry);
    assertThat(real.done()).singleElement().asString().startsWith("x/").contains("2 packs");
    assertThat(verifyWarnings()).isEmpty();
    assertThat(SmallSnapshots.write(fixture.writer(), "s2", files).storedBytes())
        .isLessThan(20_000);
    assertThat(fixture.writer().repair().run(false, Progress.none()).done()).isEmpty();
  }

  @Test
  void packsOfARunThatDiedBeforeItsSegmentAreFoundWithTheKitOnly() {
    // As if the entry had never been: a node that has seen it would say that it is gone.
    RepositoryFixture elsewhere = fixture.onAnotherMachine(folder.resolve("elsewhere/spool"));
    names("log/").reversed().stream().limit(1).forEach(store::delete);
    names("x/").forEach(store::delete);

    assertThat(elsewhere.writer().repair().run(false, Progress.none()).done()).isEmpty();
    String root = names("p/m/").stream().filter(this::holdsARoot).findFirst().orElseThrow();
    store.delete(root);
    RepairReport report = elsewhere.reader().repair().run(false, Progress.none());
    assertThat(report.done()).singleElement().asString().startsWith("x/");
    assertThat(SmallSnapshots.write(elsewhere.writer(), "s2", files).storedBytes())
        .isLessThan(20_000);
  }

  @Test
  void aDamagedPackIsNotNamedInAnIndex() {
    names("x/").forEach(store::delete);
    String pack = names("p/d/").getFirst();
    byte[] bad = store.get(pack);
    bad[100] ^= 1;
    store.overwrite(pack, bad);
    fixture.reader().repair().run(false, Progress.none());

    SmallSnapshots.write(fixture.writer(), "s2", files);
    SmallSnapshots.assertHolds(fixture.reader(), "s2", files);
  }

  private boolean holdsARoot(String pack) {
    return new PackIndexReader(fixture.reader().context())
        .open(PackRef.of(store.head(pack).orElseThrow()).orElseThrow()).entries().stream()
            .anyMatch(entry -> entry.type() == ChunkType.ROOT);
  }

  private List<String> verifyWarnings() {
    return fixture.writer().verification().run(Verification.Depth.L1, Progress.none()).warnings();
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
