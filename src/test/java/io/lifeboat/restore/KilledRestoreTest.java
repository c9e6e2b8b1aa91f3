package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A restore that ended anywhere, without a chance to clean up, and the one after it. */
class KilledRestoreTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anotherOneWithDeltaEndsWhatItBegan(long seed) throws Exception {
    var random = new Random(seed);
    Path tree = folder.resolve("docs");
    Path target = folder.resolve("target");
    new RandomTree(tree, random).plant();
    try (var repository = new FilesRepository(folder)) {
      String snapshot = repository.backUp(tree);
      try (SnapshotReader reader = repository.read(snapshot)) {
        for (int attempt = 0; attempt < 6; attempt++) {
          boolean fresh = !Files.exists(target);
          RestoreTarget begun = fresh ? new FolderTarget(target) : delta(target, random);
          assertThatExceptionOfType(Killed.class)
              .isThrownBy(() -> restore(reader, new Dying(begun, 1 + random.nextInt(40))));
          assertThat(target.resolve(FolderTarget.UNFINISHED)).exists();
          if (attempt % 2 == 1 && Files.isDirectory(target.resolve("docs"))) {
            new RandomTree(target.resolve("docs"), random).disturb();
          }
        }

        restore(reader, delta(target, random));
      }
    }

    assertThat(RandomTree.describe(target.resolve("docs"))).isEqualTo(RandomTree.describe(tree));
    assertThat(RandomTree.describe(target).keySet()).allMatch(name -> name.startsWith("docs"));
  }

  private static DeltaTarget delta(Path target, Random random) {
    return new DeltaTarget(target, Ownership.asRecorded(), true, random);
  }

  private static void restore(SnapshotReader reader, RestoreTarget target) {
    new RestoreEngine().restore(reader, RestoreSelection.everything(), target, Progress.none());
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Stops at its n-th call and does nothing from then on, as a killed process. */
  private static final class Dying implements RestoreTarget {
    private final RestoreTarget target;
    private int left;

    Dying(RestoreTarget target, int calls) {
      this.target = target;
      this.left = calls;
    }

    private void live() {
      left--;
      if (left <= 0) {
        throw new Killed();
      }
    }

    @Override
    public void directory(RestorePath path, Attributes attributes) {
      target.directory(path, attributes);
      live();
    }

    @Override
    public void entries(RestorePath path, FolderEntries entries) {
      target.entries(path, entries);
    }

    @Override
    public boolean holds(RestorePath path, Node.RegularFile node) {
      return target.holds(path, node);
    }

    @Override
    public boolean keep(RestorePath path, Node.RegularFile node) {
      return target.keep(path, node);
    }

    @Override
    public boolean hardLink(RestorePath path, RestorePath existing) {
      live();
      return target.hardLink(path, existing);
    }

    @Override
    public void symlink(RestorePath path, Node.Symlink node) {
      live();
      target.symlink(path, node);
    }

    @Override
    public void commit() {
      throw new Killed();
    }

    @Override
    public void close() {}

    @Override
    public FileWriter file(RestorePath path, Node.RegularFile node) {
      FileWriter writer = target.file(path, node);
      return new FileWriter() {
        @Override
        public void write(ByteBuffer bytes) {
          writer.write(bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2));
          live();
          writer.write(bytes.duplicate().position(bytes.position() + bytes.remaining() / 2));
        }

        @Override
        public void hole(long lengthBytes) {
          live();
          writer.hole(lengthBytes);
        }

        @Override
        public void complete() {
          live();
          writer.complete();
        }

        @Override
        public void close() {
          if (left > 0) {
            writer.close();
          }
        }
      };
    }
  }
}
