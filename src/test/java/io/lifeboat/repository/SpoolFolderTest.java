package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolFolderTest {
  @TempDir Path parent;

  @Test
  void closingLeavesNothingBehind() throws Exception {
    try (var spool = SpoolFolder.open(parent)) {
      Files.writeString(spool.path().resolve("pack-1.spool"), "sealed");
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void whatADeadRunLeftIsRemovedAndALiveNeighbourIsNotTouched() throws Exception {
    // Another process's file that nobody holds a lock on: that process has ended.
    Files.createFile(parent.resolve("run-1-2-dead.lock"));
    Path left = Files.createDirectory(parent.resolve("run-1-2-dead"));
    Files.writeString(left.resolve("pack-1.spool"), "sealed");
    // A dead run may have ended between its lock and its folder.
    Files.createFile(parent.resolve("run-1-3-early.lock"));
    try (var neighbour = SpoolFolder.open(parent)) {
      Path alive = Files.writeString(neighbour.path().resolve("pack-1.spool"), "sealed");
      try (var spool = SpoolFolder.open(parent)) {
        assertThat(alive).exists();
        assertThat(left).doesNotExist();
        assertThat(spool.path()).isEmptyDirectory().isNotEqualTo(neighbour.path());
        assertThat(parent).isDirectoryNotContaining("glob:**dead*");
        assertThat(parent).isDirectoryNotContaining("glob:**early*");
      }
      assertThat(alive).exists();
    }
  }
}
