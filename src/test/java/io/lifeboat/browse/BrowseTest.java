package io.lifeboat.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.ContentSequence;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.repository.SnapshotRoot;
import io.lifeboat.restore.FilesRepository;
import io.lifeboat.restore.RandomTree;
import io.lifeboat.restore.RestoreSelection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrowseTest {
  @TempDir Path folder;
  private FilesRepository repository;
  private Path tree;

  @BeforeEach
  void createRepository() throws Exception {
    repository = new FilesRepository(folder);
    tree = Files.createDirectories(folder.resolve("docs"));
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  @Test
  void aListingHasWhatTheFolderHas() throws Exception {
    new RandomTree(tree, new Random(5)).plant();
    String snapshot = repository.backUp(tree);
    List<String> paths = new ArrayList<>();
    List<String> top = new ArrayList<>();
    try (SnapshotReader reader = repository.read(snapshot)) {
      new Listing(reader)
          .list(RestoreSelection.path("docs"), true, item -> paths.add(item.path().toString()));
      new Listing(reader)
          .list(RestoreSelection.path("docs"), false, item -> top.add(item.path().toString()));
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(
              () -> new Listing(reader).list(RestoreSelection.path("docs/no"), true, item -> {}))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNKNOWN));
    }

    Set<String> expected = new TreeSet<>();
    RandomTree.describe(tree).keySet().forEach(path -> expected.add("docs/" + path));
    assertThat(paths).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
    assertThat(top)
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().filter(path -> path.split("/").length == 2).toList());
  }

  @Test
  void findingTellsWhichSnapshotsHaveEachVersion() throws Exception {
    Files.createDirectories(tree.resolve("deep/er"));
    Files.writeString(tree.resolve("deep/er/report.pdf"), "one");
    Files.writeString(tree.resolve("report.pdf.tmp"), "not this");
    String first = repository.backUp(tree);
    Files.writeString(tree.resolve("deep/er/report.pdf"), "two");
    Files.writeString(tree.resolve("summary.pdf"), "new");
    String second = repository.backUp(tree);
    Files.setLastModifiedTime(tree.resolve("summary.pdf"), FileTime.fromMillis(5));
    Files.writeString(tree.resolve("deep/er/report.pdf"), "one");
    String third = repository.backUp(tree);

    Map<String, List<List<String>>> found = find("*.pdf", first, second, third);

    assertThat(found)
        .isEqualTo(
            Map.of(
                "docs/deep/er/report.pdf",
                List.of(List.of(first, third), List.of(second)),
                "docs/summary.pdf",
                List.of(List.of(second, third))));
    assertThat(find("docs/*.pdf", third).keySet()).containsExactly("docs/summary.pdf");
    assertThat(find("**/er/", third).keySet()).containsExactly("docs/deep/er");
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> new Finder("[a"))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE_INVALID));
  }

  private Map<String, List<List<String>>> find(String glob, String... snapshots) {
    var finder = new Finder(glob);
    for (String snapshot : snapshots) {
      try (SnapshotReader reader = repository.read(snapshot)) {
        finder.search(reader);
      }
    }
    Map<String, List<List<String>>> found = new TreeMap<>();
    for (Finder.Found each : finder.found()) {
      found
          .computeIfAbsent(each.item().path().toString(), path -> new ArrayList<>())
          .add(each.snapshots());
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aComparisonSaysWhatTheFoldersSay(long seed) throws Exception {
    var random = new Random(seed);
    RandomTree trees = new RandomTree(tree, random).plant();
    String before = repository.backUp(tree);
    Map<String, String> old = RandomTree.describe(tree);
    trees.disturb();
    String after = repository.backUp(tree);

    Map<String, Set<Comparison.Kind>> changes = compare(before, after);

    assertThat(changes).isEqualTo(expected(old, RandomTree.describe(tree)));
    assertThat(compare(after, after)).isEmpty();
  }

  /**
   * From two descriptions, whose lines are mode with type, owner, time, and names with contents.
   */
  private static Map<String, Set<Comparison.Kind>> expected(
      Map<String, String> old, Map<String, String> now) {
    Map<String, Set<Comparison.Kind>> expected = new TreeMap<>();
    var names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      var kinds = new TreeSet<Comparison.Kind>();
      if (!old.containsKey(name)) {
        kinds.add(Comparison.Kind.ADDED);
      } else if (!now.containsKey(name)) {
        kinds.add(Comparison.Kind.REMOVED);
      } else if (type(old.get(name)) != type(now.get(name))) {
        kinds.add(Comparison.Kind.TYPE);
      } else if (!content(old.get(name)).equals(content(now.get(name)))) {
        kinds.add(Comparison.Kind.CONTENTS);
      } else if (!attributes(old.get(name)).equals(attributes(now.get(name)))) {
        kinds.add(Comparison.Kind.ATTRIBUTES);
      }
      if (!kinds.isEmpty()) {
        expected.put("docs/" + name, kinds);
      }
    }
    return expected;
  }

  private static char type(String line) {
    return line.endsWith(" folder") ? 'd' : line.contains(" -> ") ? 'l' : 'f';
  }

  private static String content(String line) {
    return line.replaceFirst("^\\S+ \\S+ \\S+ (\\d+ )?", "");
  }

  private static String attributes(String line) {
    return line.replaceFirst("^(\\S+ \\S+ \\S+) .*", "$1");
  }

  private Map<String, Set<Comparison.Kind>> compare(String before, String after) {
    Map<String, Set<Comparison.Kind>> changes = new TreeMap<>();
    try (SnapshotReader old = repository.read(before);
        SnapshotReader now = repository.read(after)) {
      new Comparison(
              old,
              now,
              change -> {
                if (!change.path().equals(RestoreSelection.path("docs"))) {
                  changes
                      .computeIfAbsent(change.path().toString(), path -> new TreeSet<>())
                      .add(change.kind());
                }
              })
          .run();
    }
    return changes;
  }

  @Test
  void foldersThatHoldTheSameAreNotOpened() throws Exception {
    for (int n = 0; n < 20; n++) {
      Path inner = Files.createDirectories(tree.resolve("f" + n + "/inner"));
      Files.writeString(inner.resolve("file"), "content " + n);
    }
    String before = repository.backUp(tree);
    Files.writeString(tree.resolve("f7/inner/file"), "changed");
    String after = repository.backUp(tree);
    List<Comparison.Change> changes = new ArrayList<>();
    try (var old = new Counting(repository.read(before));
        var now = new Counting(repository.read(after))) {
      new Comparison(old, now, changes::add).run();

      assertThat(changes).hasSize(1);
      assertThat(changes.getFirst().path().toString()).isEqualTo("docs/f7/inner/file");
      assertThat(old.opened).containsExactly("root", "docs", "f7", "inner");
      assertThat(now.opened).containsExactly("root", "docs", "f7", "inner");
    }
  }

  /** Notes which folders are opened. */
  private static final class Counting implements SnapshotReader {
    private final SnapshotReader reader;
    private final List<String> opened = new ArrayList<>();

    Counting(SnapshotReader reader) {
      this.reader = reader;
    }

    @Override
    public SnapshotRoot root() {
      return reader.root();
    }

    @Override
    public List<Node> list(Node.Directory directory) {
      opened.add(directory.name().toString());
      return reader.list(directory);
    }

    @Override
    public ContentSequence read(Iterator<Node.RegularFile> files) {
      return reader.read(files);
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
