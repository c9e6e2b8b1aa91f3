package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot with the shape of a cluster's, restored over a cluster. */
class ClusterDeltaTest {
  @TempDir Path folder;
  private FilesRepository repository;
  private Path target;
  private String snapshot;

  @BeforeEach
  void backUp() throws IOException {
    Path source = folder.resolve("source");
    for (String file :
        new String[] {"PG_VERSION", "backup_label", "global/pg_control", "base/1/2", "base/1/3"}) {
      DeltaRestoreTest.write(source, "data/" + file, file);
    }
    DeltaRestoreTest.write(source, "data/tablespace_map", "16389 /old/place\n");
    Files.createDirectories(source.resolve("data/pg_tblspc"));
    DeltaRestoreTest.write(source, "tablespaces/16389/PG_18/1/4", "table");
    DeltaRestoreTest.write(source, "backup_manifest", "{}");
    repository = new FilesRepository(folder);
    target = folder.resolve("cluster");
    snapshot =
        repository.backUp(
            source.resolve("backup_manifest"),
            source.resolve("data"),
            source.resolve("tablespaces"));
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  @Test
  void onlyWhatDiffersIsWrittenAndWhatIsOfAnotherTimeGoes() throws Exception {
    restore(RestoreOptions.intoEmpty());
    Map<String, String> fresh = RandomTree.describe(target);
    Path space = folder.resolve("cluster.tablespaces/16389");
    Map<String, String> freshSpace = RandomTree.describe(space);
    DeltaRestoreTest.write(target, "base/1/2", "BASE/1/2");
    DeltaRestoreTest.write(target, "base/1/99", "of another time");
    Files.createSymbolicLink(target.resolve("pg_tblspc/16389"), space);
    Path table = space.resolve("PG_18/1");
    DeltaRestoreTest.write(table, "4", "TABLE");
    DeltaRestoreTest.write(table, "5", "of another time");

    RestoreEngine.Restored done = restore(delta(true));

    // The map was pointed to the new place, so it is written again, too.
    assertThat(done).isEqualTo(new RestoreEngine.Restored(30, 8, 5, 3, 30, 49));
    assertThat(withoutMap(RandomTree.describe(target))).isEqualTo(withoutMap(fresh));
    assertThat(RandomTree.describe(space)).isEqualTo(freshSpace);
    assertThat(target.resolve("tablespace_map")).content().contains("cluster.tablespaces/16389");
  }

  @Test
  void ofAFileThatDiffersHereAndThereTheRestIsKept() throws Exception {
    byte[] pages = new byte[24 << 20];
    new Random(2).nextBytes(pages);
    Path source = folder.resolve("source");
    Files.write(source.resolve("data/base/1/large"), pages);
    snapshot = repository.backUp(source.resolve("data"), source.resolve("tablespaces"));
    restore(RestoreOptions.intoEmpty());
    pages[12 << 20] ^= 1;
    Files.write(target.resolve("base/1/large"), pages);

    RestoreEngine.Restored done = restore(delta(true));

    assertThat(Files.mismatch(target.resolve("base/1/large"), source.resolve("data/base/1/large")))
        .isEqualTo(-1);
    // The chunk that differs, of at most 8 MiB, and the map, which is written again.
    assertThat(done.bytes()).isEqualTo(pages.length + 17);
    assertThat(done.fetched()).isLessThanOrEqualTo((8 << 20) + 17);
    assertThat(done.kept()).isGreaterThanOrEqualTo(16 << 20);
  }

  @Test
  void aClusterIsNotMixedAndNotPulledFromUnderAServer() throws Exception {
    restore(RestoreOptions.intoEmpty());
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(delta(false)))
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.USAGE_INVALID));

    Files.writeString(target.resolve("postmaster.pid"), "1");
    Map<String, String> before = RandomTree.describe(target);
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(delta(true)))
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY));
    assertThat(RandomTree.describe(target)).isEqualTo(before);
  }

  @Test
  void aDryRunMakesNoCluster() throws Exception {
    RestoreEngine.Restored counted =
        restore(new RestoreOptions(false, false, true, Ownership.asRecorded()));

    assertThat(counted.written()).isEqualTo(8);
    assertThat(target).doesNotExist();
    assertThat(folder.resolve("cluster.tablespaces")).doesNotExist();
  }

  private static Map<String, String> withoutMap(Map<String, String> described) {
    described.remove("tablespace_map");
    return described;
  }

  private static RestoreOptions delta(boolean delete) {
    return new RestoreOptions(true, delete, false, Ownership.asRecorded());
  }

  private RestoreEngine.Restored restore(RestoreOptions options) {
    try (SnapshotReader reader = repository.read(snapshot);
        RestoreTarget cluster = options.cluster(target, new Random(1))) {
      return new RestoreEngine()
          .restore(reader, RestoreSelection.everything(), cluster, Progress.none());
    }
  }
}
