package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoredClusterTest {
  private static final String SOURCES_MAP = "16389 /srv/fast\n";

  @TempDir Path folder;
  private Path data;
  private Path map;

  @BeforeEach
  void restore() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    Files.createDirectory(data.resolve("global"));
    for (String name : new String[] {"PG_VERSION", "backup_label", "global/pg_control"}) {
      Files.writeString(data.resolve(name), "x");
    }
    map = Files.writeString(data.resolve("tablespace_map"), SOURCES_MAP);
    Files.writeString(data.resolve("postgresql.auto.conf"), "archive_command = 'rm -rf /'\n");
  }

  @Test
  void itsTablespacesAreWhereTheRestorePutThem() throws Exception {
    Path place = Files.createDirectories(RestoredCluster.defaultPlace(data, 16389));
    assertThat(place).isEqualTo(folder.resolve("data.tablespaces/16389"));
    Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r-----"));

    new RestoredCluster(data).prepare(Map.of(16389L, place));
    new RestoredCluster(data).prepare(Map.of(16389L, place));

    assertThat(map).hasContent("16389 " + place + "\n");
    assertThat(Files.getPosixFilePermissions(map))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(Files.getPosixFilePermissions(data))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    try (var files = Files.list(data)) {
      assertThat(files).hasSize(5);
    }
  }

  @Test
  void withoutAPlaceForATablespaceNothingIsChanged() {
    assertThat(codeOf(Map.of())).isEqualTo(ErrorCode.USAGE_INVALID);
    assertThat(map).hasContent(SOURCES_MAP);
  }

  @Test
  void aPlaceThatIsNoFolderIsRefused() {
    assertThat(codeOf(Map.of(16389L, folder.resolve("nowhere"))))
        .isEqualTo(ErrorCode.USAGE_INVALID);
    assertThat(map).hasContent(SOURCES_MAP);
  }

  @Test
  void aFolderThatIsNoBackupIsRefused() throws Exception {
    Files.delete(data.resolve("backup_label"));
    assertThat(codeOf(Map.of(16389L, folder))).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  @Test
  void aFolderWithAServerInItIsLeftAlone() throws Exception {
    Files.writeString(data.resolve("postmaster.pid"), "1\n");
    assertThat(codeOf(Map.of(16389L, folder))).isEqualTo(ErrorCode.TARGET_NOT_EMPTY);
    assertThat(map).hasContent(SOURCES_MAP);
  }

  @Test
  void aScratchForgetsWhatAlterSystemSet() {
    new RestoredCluster(data).forgetAlterSystem();
    assertThat(data.resolve("postgresql.auto.conf")).isEmptyFile();
  }

  private ErrorCode codeOf(Map<Long, Path> tablespaces) {
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class, () -> new RestoredCluster(data).prepare(tablespaces));
    return failure.code();
  }
}
