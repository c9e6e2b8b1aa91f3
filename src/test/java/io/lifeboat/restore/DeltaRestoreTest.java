package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaRestoreTest {
  @TempDir Path folder;
  private FilesRepository repository;
  private Path tree;
  private Path target;

  @BeforeEach
  void createRepository() throws IOException {
    repository = new FilesRepository(folder);
    tree = Files.createDirectories(folder.resolve("docs"));
    target = folder.resolve("target");
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aDisturbedTreeIsBroughtBackToTheSnapshot(long seed) throws Exception {
    var random = new Random(seed);
    new RandomTree(tree, random).plant();
    String snapshot = repository.backUp(tree);
    restore(snapshot, delta(true));
    var restored = new RandomTree(target.resolve("docs"), random);
    assertThat(described()).isEqualTo(RandomTree.describe(tree));
    restored.disturb();
    restored.disturb();

    RestoreEngine.Restored expected = restore(snapshot, dryRun(true));
    RestoreEngine.Restored done = restore(snapshot, delta(true));
    RestoreEngine.Restored again = restore(snapshot, delta(true));

    assertThat(described()).isEqualTo(RandomTree.describe(tree));
    assertThat(target).isDirectoryNotContaining("glob:**LIFEBOAT*");
    // Names that share a file without having to are told apart one by one: the last may stay.
    assertThat(done.written()).isPositive().isLessThanOrEqualTo(expected.written());
    assertThat(done.deleted()).isEqualTo(expected.deleted());
    assertThat(again.written()).isZero();
    assertThat(again.bytes()).isZero();
    assertThat(again.deleted()).isZero();
    assertThat(again.unchanged()).isEqualTo(again.files()).isEqualTo(done.files());
  }

  @Test
  void whatIsAsItWasIsNotTouchedAndTheRestIsCounted() throws Exception {
    write(tree, "same", "same");
    write(tree, "longer", "short");
    write(tree, "other", "content");
    write(tree, "moved in time", "time");
    String snapshot = repository.backUp(tree);
    restore(snapshot, delta(false));
    write(target, "docs/longer", "much longer");
    write(target, "docs/other", "CONTENT");
    write(target, "docs/moved in time", "time");
    Files.setAttribute(target.resolve("docs/same"), "unix:mode", 0600);
    write(target, "docs/surplus", "mine");
    Map<String, Object> before = identity("docs/same");

    RestoreEngine.Restored done = restore(snapshot, delta(false));

    assertThat(done).isEqualTo(new RestoreEngine.Restored(12, 4, 2, 0, 12, 8));
    assertThat(identity("docs/same")).isEqualTo(before);
    assertThat(target.resolve("docs/surplus")).hasContent("mine");
    Files.delete(target.resolve("docs/surplus"));
    Files.setLastModifiedTime(
        target.resolve("docs"), Files.getLastModifiedTime(tree, LinkOption.NOFOLLOW_LINKS));
    assertThat(described()).isEqualTo(RandomTree.describe(tree));
  }

  @Test
  void aDryRunTouchesNothing() throws Exception {
    new RandomTree(tree, new Random(7)).plant();
    String snapshot = repository.backUp(tree);
    restore(snapshot, delta(true));
    new RandomTree(target.resolve("docs"), new Random(8)).disturb();
    Map<String, String> before = RandomTree.describe(folder.resolve("target"));

    RestoreEngine.Restored counted = restore(snapshot, dryRun(true));

    assertThat(RandomTree.describe(target)).isEqualTo(before);
    assertThat(counted.written()).isPositive();
    target = folder.resolve("absent");
    RestoreEngine.Restored all =
        restore(snapshot, new RestoreOptions(false, false, true, Ownership.asRecorded()));
    assertThat(target).doesNotExist();
    assertThat(all.files()).isEqualTo(all.written()).isEqualTo(counted.files());
  }

  @Test
  void linksInTheTargetAreReplacedAndNothingBehindThemIsTouched() throws Exception {
    write(tree, "folder/file", "content");
    write(tree, "folder/deeper/file", "content");
    write(tree, "plain", "content");
    write(tree, "linked twice", "content");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("plain"));
    String snapshot = repository.backUp(tree);
    Path outside = folder.resolve("outside");
    // The same contents: what looks right behind a link must not count as restored.
    write(outside, "file", "content");
    write(outside, "deeper/file", "content");
    write(outside, "plain", "content");
    write(outside, "victim", "keep me");
    write(outside, "linked twice", "content");
    Files.createDirectories(target.resolve("docs"));
    Files.createSymbolicLink(target.resolve("docs/folder"), outside);
    Files.createSymbolicLink(target.resolve("docs/plain"), outside.resolve("plain"));
    Files.createSymbolicLink(target.resolve("docs/link"), outside.resolve("victim"));
    Files.createSymbolicLink(target.resolve("docs/surplus"), outside);
    Files.createSymbolicLink(target.resolve("other"), outside.resolve("victim"));
    Files.createLink(target.resolve("docs/linked twice"), outside.resolve("linked twice"));
    Files.setAttribute(outside.resolve("linked twice"), "unix:mode", 0711);
    Map<String, String> before = withoutCounts(RandomTree.describe(outside));

    RestoreEngine.Restored done = restore(snapshot, delta(true));

    assertThat(withoutCounts(RandomTree.describe(outside))).isEqualTo(before);
    assertThat(described()).isEqualTo(RandomTree.describe(tree));
    assertThat(target.resolve("docs/folder")).isDirectory().matches(p -> !Files.isSymbolicLink(p));
    assertThat(target.resolve("other")).doesNotExist();
    assertThat(done.unchanged()).isZero();
    assertThat(done.deleted()).isEqualTo(2);
  }

  @Test
  void aFolderInTheWayIsOnlyRemovedWhenDeletingWasAskedFor() throws Exception {
    write(tree, "entry", "a file");
    String snapshot = repository.backUp(tree);
    write(target, "docs/entry/precious", "mine");

    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(snapshot, delta(false)))
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY));
    assertThat(target.resolve("docs/entry/precious")).hasContent("mine");

    restore(snapshot, delta(true));
    assertThat(described()).isEqualTo(RandomTree.describe(tree));
  }

  @Test
  void whatIsExcludedIsNeitherRestoredNorDeleted() throws Exception {
    write(tree, "keep", "k");
    write(tree, "cache/x.tmp", "x");
    String snapshot = repository.backUp(tree);
    write(target, "docs/own.tmp", "mine");
    write(target, "docs/surplus/own.tmp", "mine");
    write(target, "docs/surplus/other", "not mine");

    RestoreEngine.Restored done =
        restore(snapshot, RestoreSelection.of(List.of(), List.of("**/*.tmp")), delta(true));

    assertThat(done.deleted()).isEqualTo(1);
    assertThat(RandomTree.describe(target.resolve("docs")).keySet())
        .containsExactly("cache", "keep", "own.tmp", "surplus", "surplus/own.tmp");
  }

  @Test
  void deletingKeepsToTheFoldersThatAreRestoredWhole() throws Exception {
    write(tree, "a/file", "a");
    write(tree, "b/file", "b");
    String snapshot = repository.backUp(tree);
    write(target, "docs/a/surplus", "s");
    write(target, "docs/b/surplus", "s");
    write(target, "surplus", "s");

    restore(
        snapshot, RestoreSelection.of(List.of("docs/a", "docs/b/file"), List.of()), delta(true));

    assertThat(RandomTree.describe(target).keySet())
        .containsExactly(
            "docs", "docs/a", "docs/a/file", "docs/b", "docs/b/file", "docs/b/surplus", "surplus");
  }

  @Test
  void aNewRestoreStillRefusesATargetWithSomethingInIt() throws Exception {
    String snapshot = repository.backUp(tree);
    write(target, "mine", "mine");

    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(snapshot, RestoreOptions.intoEmpty()))
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY));
  }

  private RestoreOptions delta(boolean delete) {
    return new RestoreOptions(true, delete, false, Ownership.asRecorded());
  }

  private RestoreOptions dryRun(boolean delete) {
    return new RestoreOptions(true, delete, true, Ownership.asRecorded());
  }

  private RestoreEngine.Restored restore(String snapshot, RestoreOptions options) {
    return restore(snapshot, RestoreSelection.everything(), options);
  }

  private RestoreEngine.Restored restore(
      String snapshot, RestoreSelection selection, RestoreOptions options) {
    try (SnapshotReader reader = repository.read(snapshot);
        RestoreTarget restored = options.folder(target, new Random(99))) {
      return new RestoreEngine().restore(reader, selection, restored, Progress.none());
    }
  }

  private Map<String, String> described() throws Exception {
    return RandomTree.describe(target.resolve("docs"));
  }

  private Map<String, Object> identity(String path) throws IOException {
    return Files.readAttributes(target.resolve(path), "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  /** The count of names changes for whoever shares a file with the target; nothing else may. */
  private static Map<String, String> withoutCounts(Map<String, String> described) {
    described.replaceAll((path, line) -> line.replaceAll(" \\d+ (?=[0-9a-f]{64})", " "));
    return described;
  }

  static void write(Path root, String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
