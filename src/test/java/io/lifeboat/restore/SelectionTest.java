package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTest {
  @TempDir Path folder;
  private FilesRepository repository;
  private Path tree;
  private Path target;

  @BeforeEach
  void createRepository() throws IOException {
    repository = new FilesRepository(folder);
    tree = Files.createDirectories(folder.resolve("docs"));
    target = folder.resolve("target");
    for (String file :
        List.of("a/x.pdf", "a/b/y.pdf", "a/b/z.txt", "c/w.txt", "c/[odd]/v", "top.pdf")) {
      DeltaRestoreTest.write(tree, file, file);
    }
    Files.createDirectories(tree.resolve("empty"));
    Files.setAttribute(tree.resolve("a"), "unix:mode", 0750);
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // One plain path comes under its last component.
        "docs/a/b          |           | b b/y.pdf b/z.txt",
        "/docs/a/b/        |           | b b/y.pdf b/z.txt",
        "docs/a/x.pdf      |           | x.pdf",
        "docs/c/[odd]      |           | [odd] [odd]/v",
        "docs/a            | **/*.pdf  | a a/b a/b/z.txt",
        // All else keeps its path.
        "docs/a/b docs/top.pdf | | docs docs/a docs/a/b docs/a/b/y.pdf docs/a/b/z.txt docs/top.pdf",
        "**/*.pdf          |           | docs docs/a docs/a/b docs/a/b/y.pdf docs/a/x.pdf"
            + " docs/top.pdf",
        "docs/a/**/*.pdf   |           | docs docs/a docs/a/b docs/a/b/y.pdf docs/a/x.pdf",
        "**/b              |           | docs docs/a docs/a/b docs/a/b/y.pdf docs/a/b/z.txt",
        "**/b **/w.txt     | **/*.pdf  | docs docs/a docs/a/b docs/a/b/z.txt docs/c docs/c/w.txt",
        "**/e*/            |           | docs docs/empty",
        "docs              | docs/a docs/c | docs docs/empty docs/top.pdf",
      })
  void choosesWhatItSays(String paths, String excludes, String expected) throws Exception {
    Map<String, String> restored = restore(split(paths), split(excludes));

    assertThat(restored.keySet()).isEqualTo(new TreeSet<>(split(expected)));
    if (restored.containsKey("docs/a")) {
      assertThat(Files.getAttribute(target.resolve("docs/a"), "unix:mode")).isEqualTo(040750);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/no", "**/*.doc", "nothing/**", "docs/top.pdf/x"})
  void whatIsNotThereLeavesTheTargetUntouched(String path) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(List.of(path), List.of()))
        .withMessageContaining(path)
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.PATH_UNKNOWN));
    assertThat(target).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../docs", "docs/../..", "docs/./a"})
  void pathsThatLeadElsewhereAreRefused(String path) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> restore(List.of(path), List.of()))
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.USAGE_INVALID));
    assertThat(target).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void globsChooseWhatTheFileSystemsGlobsDo(long seed) throws Exception {
    RandomTree.remove(tree);
    new RandomTree(tree, new Random(seed)).plant();
    String glob =
        List.of("docs/**/{a,g}", "docs/*/h", "**/*.pdf", "docs/[a-c]*/**").get((int) seed - 1);
    var matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob.replace("**/", "{,**/}"));
    Set<String> expected = new TreeSet<>();
    for (String entry : RandomTree.describe(folder).keySet()) {
      for (Path path = Path.of(entry); path != null; path = path.getParent()) {
        if (entry.startsWith("docs") && matcher.matches(path)) {
          for (Path each = Path.of(entry); each != null; each = each.getParent()) {
            expected.add(each.toString());
          }
        }
      }
    }

    Map<String, String> restored = restore(List.of(glob), List.of());

    assertThat(restored.keySet()).isEqualTo(expected);
    Map<String, String> original = RandomTree.describe(folder);
    restored.forEach((path, line) ->
        assertThat(line.replaceAll(" \\d+ (?=[0-9a-f]{64})", " "))
            .isEqualTo(original.get(path).replaceAll(" \\d+ (?=[0-9a-f]{64})", " ")));
  }

  @Test
  @EnabledIfSystemProperty(named = "user.name", matches = "root")
  void ownersAreThoseThatTheMapsSay() throws Exception {
    Files.setAttribute(tree.resolve("a/x.pdf"), "unix:uid", 1);
    Files.setAttribute(tree.resolve("a/x.pdf"), "unix:gid", 12345);
    Files.setAttribute(tree.resolve("a/b/y.pdf"), "unix:uid", 54321);
    String snapshot = repository.backUp(tree);
    String daemon = Files.getAttribute(tree.resolve("a/x.pdf"), "unix:owner").toString();

    restore(
        snapshot,
        new RestoreOptions(
            false,
            false,
            false,
            Ownership.mapped(List.of(daemon + ":777", "54321:root"), List.of("12345:root"))));

    assertThat(owner("a/x.pdf")).isEqualTo(Map.of("uid", 777, "gid", 0));
    assertThat(owner("a/b/y.pdf")).isEqualTo(Map.of("uid", 0, "gid", 0));
    RandomTree.remove(target);
    restore(snapshot, new RestoreOptions(false, false, false, Ownership.ofWhoRestores()));
    assertThat(owner("a/x.pdf")).isEqualTo(Map.of("uid", 0, "gid", 0));
    for (String wrong : List.of("a", "a:", ":b", "a:b:c", "root:no-such-user-here")) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(() -> Ownership.mapped(List.of(wrong), List.of()))
          .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.USAGE_INVALID));
    }
  }

  private Map<String, Object> owner(String path) throws IOException {
    return Files.readAttributes(
        target.resolve("docs").resolve(path), "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
  }

  private static List<String> split(String words) {
    return words == null ? List.of() : List.of(words.strip().split(" "));
  }

  private void restore(String snapshot, RestoreOptions options) {
    try (SnapshotReader reader = repository.read(snapshot);
        RestoreTarget restored = options.folder(target, new Random(1))) {
      new RestoreEngine().restore(reader, RestoreSelection.everything(), restored, Progress.none());
    }
  }

  private Map<String, String> restore(List<String> paths, List<String> excludes) throws Exception {
    String snapshot = repository.backUp(tree);
    try (SnapshotReader reader = repository.read(snapshot);
        var restored = new FolderTarget(target)) {
      new RestoreEngine()
          .restore(reader, RestoreSelection.of(paths, excludes), restored, Progress.none());
    }
    return new TreeMap<>(RandomTree.describe(target));
  }
}
