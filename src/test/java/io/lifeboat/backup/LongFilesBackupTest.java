package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of more extents than a listing or the cache holds in one place. */
@Tag("slow")
class LongFilesBackupTest {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int PAIRS = 600;

  @TempDir Path folder;
  private ObjectStore store;
  private RepositoryFixture fixture;
  private Path tree;
  private Path big;
  // Files that were changed just now count as settled: the next backup may trust the cache.
  private final Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
  private final BackupEngine engine =
      new BackupEngine(new SnapshotIds(later, new SecureRandom()), later);

  @BeforeEach
  void createRepository() throws IOException {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    tree = Files.createDirectories(folder.resolve("artifacts"));
    big = tree.resolve("big");
    writeBig(1);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  /** Twelve hundred extents: a block with something in it, a hole, and so on. */
  private void writeBig(long seed) throws IOException {
    var random = new Random(seed);
    byte[] some = new byte[32];
    try (var out = new RandomAccessFile(big.toFile(), "rw")) {
      for (int pair = 0; pair < PAIRS; pair++) {
        random.nextBytes(some);
        out.seek(2L * pair * BLOCK_BYTES);
        out.write(some);
      }
      out.setLength(2L * PAIRS * BLOCK_BYTES);
    }
  }

  @Test
  void anUnchangedLongFileIsNotReadAgain() throws Exception {
    BackupResult first = backUp();
    BackupResult second = backUp();
    BackupResult third = backUp();

    assertThat(lists()).as("lists that were kept apart").isNotEmpty();
    assertThat(first.filesRead()).isEqualTo(1);
    assertThat(second.filesRead()).isZero();
    assertThat(second.bytesRead()).isZero();
    assertThat(second.bytesStored()).isLessThan(20_000);
    assertThat(third.filesRead()).isZero();
    // A restore finds chunks by what the snapshot says it needs: those of the list and of the file.
    assertRestores(third);
  }

  @Test
  void aChangedLongFileIsReadAndItsOldListGoes() throws Exception {
    backUp();
    List<Path> before = lists();
    writeBig(2);

    BackupResult changed = backUp();

    assertThat(changed.filesRead()).isEqualTo(1);
    assertThat(lists()).hasSameSizeAs(before).doesNotContainAnyElementsOf(before);
    assertRestores(changed);
    assertThat(backUp().filesRead()).isZero();
  }

  @Test
  void aListWithAnyBitWrongIsMadeAgain() throws Exception {
    backUp();
    byte[] whole = Files.readAllBytes(lists().getFirst());
    var random = new Random(3);
    for (int i = 0; i < 6; i++) {
      byte[] changed = whole.clone();
      changed[i < 2 ? i : random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      assertReadAnewWithList(changed, whole);
    }
  }

  @Test
  void aListThatIsCutOffOrEndsInMoreIsMadeAgain() throws Exception {
    backUp();
    byte[] whole = Files.readAllBytes(lists().getFirst());
    for (int length : List.of(0, 1, 35, whole.length - 1, whole.length + 1, 3 << 20)) {
      assertReadAnewWithList(Arrays.copyOf(whole, length), whole);
    }
  }

  @Test
  void aListThatIsMissingIsMadeAgain() throws Exception {
    backUp();
    Files.delete(lists().getFirst());

    BackupResult again = backUp();

    assertThat(again.filesRead()).isEqualTo(1);
    assertRestores(again);
    assertThat(backUp().filesRead()).isZero();
  }

  @Test
  void aListThatNamesChunksWhichAreGoneIsNotBelieved() throws Exception {
    backUp();
    List<String> packs;
    try (Stream<ObjectInfo> objects = store.list("p/d/")) {
      packs = objects.map(ObjectInfo::name).toList();
    }
    assertThat(packs).isNotEmpty();
    packs.forEach(store::delete);

    BackupResult again = backUp();

    assertThat(again.filesRead()).isEqualTo(1);
    assertRestores(again);
  }

  private void assertReadAnewWithList(byte[] list, byte[] whole) throws Exception {
    Path file = lists().getFirst();
    Files.write(file, list);
    BackupResult result = backUp();
    assertThat(result.filesRead()).as("files read anew").isEqualTo(1);
    assertThat(file).hasBinaryContent(whole);
    BackupResult next = backUp();
    assertThat(next.filesRead()).as("the list was made again").isZero();
    assertRestores(next);
  }

  private List<Path> lists() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("index"))) {
      return files
          .filter(file -> file.getParent().endsWith("lists"))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  private BackupResult backUp() {
    return engine.run(
        new BackupEngine.Order(
            fixture.writer(),
            "docs-nightly",
            "docs",
            new SourceConfig.Files(List.of(tree), List.of()),
            List.of(),
            folder.resolve("cache")),
        Progress.none());
  }

  private void assertRestores(BackupResult result) throws IOException {
    Path target = folder.resolve("restored-" + result.snapshot());
    try (SnapshotReader reader = fixture.reader().read(result.snapshot());
        var folderTarget = new FolderTarget(target)) {
      new RestoreEngine()
          .restore(reader, RestoreSelection.everything(), folderTarget, Progress.none());
    }
    assertThat(Files.mismatch(target.resolve("artifacts/big"), big)).isEqualTo(-1);
    Files.delete(target.resolve("artifacts/big"));
  }
}
