package io.lifeboat.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTargetsTest {
  @TempDir Path folder;
  private RestoreTargets targets;

  @BeforeEach
  void protectASource() throws IOException {
    targets = new RestoreTargets(List.of(Files.createDirectories(folder.resolve("srv/source"))));
  }

  @Test
  void anAbsentOrEmptyFolderIsFine() throws IOException {
    assertThat(targets.checked(folder + "/new/./x/..")).isEqualTo(folder.resolve("new"));
    Files.createDirectory(folder.resolve("empty"));
    assertThat(targets.checked(folder + "/empty")).isEqualTo(folder.resolve("empty"));
  }

  @Test
  void whatIsRelativeOrFullOrNoFolderIsRefused() throws IOException {
    refused("relative/x", ErrorCode.USAGE_INVALID);
    refused("", ErrorCode.USAGE_INVALID);
    refused("/a\0b", ErrorCode.USAGE_INVALID);
    Files.createDirectories(folder.resolve("full/x"));
    refused(folder + "/full", ErrorCode.TARGET_NOT_EMPTY);
    Files.writeString(folder.resolve("file"), "x");
    refused(folder + "/file", ErrorCode.TARGET_NOT_EMPTY);
    Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
    refused(folder + "/dangling", ErrorCode.TARGET_NOT_EMPTY);
  }

  @Test
  void aTargetInOrAroundASourceIsRefusedAlsoThroughALink() throws IOException {
    refused(folder + "/srv/source", ErrorCode.TARGET_IS_SOURCE);
    refused(folder + "/srv/source/new", ErrorCode.TARGET_IS_SOURCE);
    refused(folder + "/srv", ErrorCode.TARGET_IS_SOURCE);
    refused(folder + "/other/../srv/source/new", ErrorCode.TARGET_IS_SOURCE);
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("srv"));
    refused(folder + "/link/source/new", ErrorCode.TARGET_IS_SOURCE);
    refused("/", ErrorCode.TARGET_IS_SOURCE);
  }

  /** Whoever sits at the machine may restore over what is there, but not over backups. */
  @Test
  void aFullTargetIsOnlyKeptApart() throws IOException {
    Files.createDirectories(folder.resolve("full/x"));
    targets.requireApart(folder.resolve("full"));
    assertThatThrownBy(() -> targets.requireApart(folder.resolve("srv")))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_IS_SOURCE));
  }

  private void refused(String target, ErrorCode code) {
    assertThatThrownBy(() -> targets.checked(target))
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
