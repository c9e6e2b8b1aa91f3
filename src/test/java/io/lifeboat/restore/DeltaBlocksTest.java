package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore over files that differ here and there reads from the store. */
@Tag("slow")
class DeltaBlocksTest {
  private static final int FILE_BYTES = 48 << 20;
  private static final int PATCH_BYTES = 64 << 10;

  /** No chunk is longer than 8 MiB; a patch lies in one or two. */
  private static final long LONGEST_CHUNK_BYTES = 8 << 20;

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final AtomicLong readBytes = new AtomicLong();
  private RepositoryFixture fixture;
  private Path file;
  private Path restored;
  private String snapshot;

  /** Counts what is read of data packs but their ends, where the footers are. */
  private final class Counting extends ForwardingStore {
    Counting() {
      super(store);
    }

    @Override
    public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
      byte[] bytes = super.getRange(name, offsetBytes, lengthBytes);
      long size = head(name).orElseThrow().sizeBytes();
      if (name.startsWith("p/d/") && offsetBytes + lengthBytes < size) {
        readBytes.addAndGet(bytes.length);
      }
      return bytes;
    }
  }

  @BeforeEach
  void backUp() throws IOException {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    Path tree = Files.createDirectories(folder.resolve("docs"));
    file = tree.resolve("big");
    byte[] bytes = new byte[FILE_BYTES];
    new Random(1).nextBytes(bytes);
    Files.write(file, bytes);
    Files.setAttribute(file, "unix:mode", 0640);
    snapshot =
        new BackupEngine(new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC())
            .run(
                new BackupEngine.Order(
                    fixture.writer(),
                    "docs-nightly",
                    "docs",
                    new SourceConfig.Files(List.of(tree), List.of()),
                    List.of(),
                    folder.resolve("cache")),
                Progress.none())
            .snapshot();
    restored = folder.resolve("target/docs/big");
    Files.createDirectories(restored.getParent());
    Files.copy(file, restored);
  }

  private static void patch(Path path, int... places) throws IOException {
    byte[] patch = new byte[PATCH_BYTES];
    try (var out = new RandomAccessFile(path.toFile(), "rw")) {
      for (int place : places) {
        new Random(place).nextBytes(patch);
        out.seek(place);
        out.write(patch);
      }
    }
  }

  private RestoreEngine.Restored restore() {
    readBytes.set(0);
    var options = new RestoreOptions(true, false, false, Ownership.asRecorded());
    try (SnapshotReader reader = fixture.through(new Counting()).reader().read(snapshot);
        RestoreTarget target = options.folder(folder.resolve("target"), new Random(99))) {
      return new RestoreEngine()
          .restore(reader, RestoreSelection.everything(), target, Progress.none());
    }
  }

  private void assertIsRestored() throws Exception {
    assertThat(Files.mismatch(restored, file)).isEqualTo(-1);
    assertThat(RandomTree.describe(folder.resolve("target/docs")))
        .isEqualTo(RandomTree.describe(folder.resolve("docs")));
  }

  @Test
  void onlyTheChunksThatDifferAreRead() throws Exception {
    patch(restored, 5 << 20, 40 << 20);

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(done.fetched()).isBetween(2L * PATCH_BYTES, 4 * LONGEST_CHUNK_BYTES);
    assertThat(done.fetched() + done.kept()).isEqualTo(FILE_BYTES);
    // Sealed, a chunk is a little longer; nothing beside it is read along.
    assertThat(readBytes.get()).isBetween(done.fetched(), done.fetched() * 101 / 100);
    assertThat(done.unchanged()).isZero();
    assertThat(restore().unchanged()).isEqualTo(1);
    assertThat(readBytes).hasValue(0);
  }

  @Test
  void aFileThatIsCutOffIsReadFromWhereItEnds() throws Exception {
    try (var out = new RandomAccessFile(restored.toFile(), "rw")) {
      out.setLength(30 << 20);
    }

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(done.fetched()).isBetween(18L << 20, (18 << 20) + LONGEST_CHUNK_BYTES);
  }

  @Test
  void aFileThatIsTooLongIsCutAndNothingIsRead() throws Exception {
    Files.write(restored, new byte[PATCH_BYTES], StandardOpenOption.APPEND);

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(done.fetched()).isZero();
    assertThat(done.kept()).isEqualTo(FILE_BYTES);
    assertThat(readBytes).hasValue(0);
  }

  @Test
  void aFileThatHasNothingInCommonIsReadInLongRuns() throws Exception {
    byte[] other = new byte[FILE_BYTES];
    new Random(2).nextBytes(other);
    Files.write(restored, other);

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(done.fetched()).isEqualTo(FILE_BYTES);
    assertThat(done.kept()).isZero();
  }

  @Test
  void anotherNameOfTheFileOutsideOfTheTargetKeepsItsContents() throws Exception {
    patch(restored, 5 << 20);
    Path outside = folder.resolve("outside");
    Files.createLink(outside, restored);
    byte[] before = Files.readAllBytes(outside);

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(outside).hasBinaryContent(before);
    assertThat(done.kept()).isPositive();
  }

  @Test
  void aLinkIsNotReadThrough() throws Exception {
    patch(restored, 5 << 20);
    Path outside = folder.resolve("outside");
    Files.move(restored, outside);
    Files.createSymbolicLink(restored, outside);
    byte[] before = Files.readAllBytes(outside);

    RestoreEngine.Restored done = restore();

    assertIsRestored();
    assertThat(outside).hasBinaryContent(before);
    assertThat(done.kept()).isZero();
  }

  @Test
  void whatIsAtHandServesWhereTheStoreHasLostIt() throws Exception {
    patch(restored, 5 << 20);
    byte[] patched = Files.readAllBytes(restored);
    damageAllPacks();

    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(this::restore)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
    // What could not be made right is as it was, and nothing is left beside it.
    assertThat(restored).hasBinaryContent(patched);
    assertThat(restored.getParent()).isDirectoryNotContaining("glob:**.lifeboat*");
    assertThat(folder.resolve("target").resolve(FolderTarget.UNFINISHED)).exists();

    Files.copy(file, restored, StandardCopyOption.REPLACE_EXISTING);
    Files.write(restored, new byte[1], StandardOpenOption.APPEND);
    restore();
    assertIsRestored();
  }

  /** Changes all that lies before the footers. */
  private void damageAllPacks() {
    List<String> packs;
    try (Stream<ObjectInfo> objects = store.list("p/d/")) {
      packs = objects.map(ObjectInfo::name).toList();
    }
    for (String pack : packs) {
      byte[] bytes = store.get(pack);
      Arrays.fill(bytes, 24, bytes.length / 2, (byte) 7);
      store.overwrite(pack, bytes);
    }
  }
}
