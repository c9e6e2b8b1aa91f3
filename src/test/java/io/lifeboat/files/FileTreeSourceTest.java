package io.lifeboat.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeSourceTest {
  @TempDir private Path folder;
  private Path tree;

  @BeforeEach
  void createTree() throws IOException {
    tree = Files.createDirectory(folder.resolve("tree"));
  }

  @Test
  void entriesComeInByteOrderAndFoldersAreLeftAfterTheirEntries() throws IOException {
    for (String name : List.of("b", "a/z", "a/B", "a-", "ä", "Z", "a0")) {
      write(name, name);
    }
    Files.createDirectories(tree.resolve("a/empty"));

    Recorder found = Recorder.of(source());

    assertThat(found.entries.keySet())
        .containsExactly(
            "tree",
            "tree/Z",
            "tree/a",
            "tree/a/B",
            "tree/a/empty",
            "tree/a/z",
            "tree/a-",
            "tree/a0",
            "tree/b",
            "tree/ä");
    assertThat(found.left)
        .extracting(left -> left.name().toString())
        .containsExactly("empty", "a", "tree");
    assertThat(found.contents.get("tree/a/z").bytes).hasToString("a/z");
    assertThat(found.contents.get("tree/a/z").outcome).isEqualTo(OpenFile.Outcome.UNCHANGED);
    assertThat(found.warnings.sentences()).isEmpty();
  }

  @Test
  void modesTimesAndOwnersAreKept() throws IOException {
    Path file = write("file", "x");
    Instant modified = Instant.parse("2021-03-04T05:06:07.123456789Z");
    Files.setAttribute(file, "unix:mode", 06751);
    Files.setLastModifiedTime(file, FileTime.from(modified));
    Files.setAttribute(Files.createDirectory(tree.resolve("sticky")), "unix:mode", 01777);

    Recorder found = Recorder.of(source());

    var attributes = found.entries.get("tree/file").attributes();
    assertThat(attributes.mode()).isEqualTo(06751);
    assertThat(attributes.modifiedAt()).isEqualTo(modified);
    assertThat(attributes.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
    assertThat(attributes.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
    assertThat(attributes.user()).isEqualTo(Files.getOwner(file).getName());
    assertThat(found.entries.get("tree/sticky").attributes().mode()).isEqualTo(01777);
  }

  @Test
  void timesBeforeTheEpochAreKept() throws Exception {
    // Java itself cannot set such a time.
    Path file = write("old", "x");
    var touch =
        new ProcessBuilder("touch", "-d", "1931-02-03T04:05:06.000000007Z", file.toString());
    assertThat(touch.inheritIO().start().waitFor()).isZero();

    assertThat(Recorder.of(source()).entries.get("tree/old").attributes().modifiedAt())
        .isEqualTo(Instant.parse("1931-02-03T04:05:06.000000007Z"));
  }

  @Test
  void symbolicLinksAreKeptNotFollowed() throws IOException {
    Files.createSymbolicLink(tree.resolve("up"), Path.of("../tree"));
    Files.createSymbolicLink(tree.resolve("nowhere"), Path.of("/no/such/ä"));

    Recorder found = Recorder.of(source());

    assertThat(found.entries).containsOnlyKeys("tree", "tree/nowhere", "tree/up");
    assertThat(((FileEntry.Symlink) found.entries.get("tree/up")).target())
        .isEqualTo("../tree".getBytes("UTF-8"));
    assertThat(((FileEntry.Symlink) found.entries.get("tree/nowhere")).target())
        .isEqualTo("/no/such/ä".getBytes("UTF-8"));
    assertThat(found.warnings.count()).isZero();
  }

  @Test
  void twoNamesOfOneFileHaveOneIdentity() throws IOException {
    Path first = write("first", "x");
    Files.createDirectory(tree.resolve("sub"));
    Files.createLink(tree.resolve("sub/second"), first);
    write("third", "x");

    Recorder found = Recorder.of(source());

    var one = (FileEntry.RegularFile) found.entries.get("tree/first");
    var two = (FileEntry.RegularFile) found.entries.get("tree/sub/second");
    var other = (FileEntry.RegularFile) found.entries.get("tree/third");
    assertThat(one.identity()).isEqualTo(two.identity()).isNotEqualTo(other.identity());
    assertThat(one.hasOtherNames()).isTrue();
    assertThat(other.hasOtherNames()).isFalse();
  }

  @Test
  void holesOfASparseFileAreFound() throws IOException {
    try (var file = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
      file.write(1);
      file.seek(10_000_000);
      file.write(2);
      file.setLength(20_000_000);
    }

    Recorder.Contents contents = Recorder.of(source()).contents.get("tree/sparse");

    assertThat(contents.bytes.toByteArray()).isEqualTo(Files.readAllBytes(tree.resolve("sparse")));
    assertThat(contents.holes)
        .hasSize(2)
        .allSatisfy(hole -> assertThat(hole).isGreaterThan(9_800_000));
  }

  @Test
  void whatHasNoContentsIsLeftOutWithAWarning() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", tree.resolve("pipe").toString()).start().waitFor())
        .isZero();
    Path socket = tree.resolve("socket");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));

      Recorder found = Recorder.of(source());

      assertThat(found.entries).containsOnlyKeys("tree");
      assertThat(found.warnings.sentences())
          .containsExactly(
              "Left out the named pipe " + tree.resolve("pipe"), "Left out the socket " + socket);
    }
  }

  @Test
  void whatIsExcludedIsNotEvenLookedAt() throws IOException {
    for (String name :
        List.of("keep.txt", "a.tmp", "sub/b.tmp", "sub/c.txt", "cache/x/y", "sub/cache")) {
      write(name, "x");
    }

    Recorder found =
        Recorder.of(new FileTreeSource(List.of(tree), List.of("**/*.tmp", "**/cache/")));

    assertThat(found.entries)
        .containsOnlyKeys("tree", "tree/keep.txt", "tree/sub", "tree/sub/c.txt", "tree/sub/cache");
    assertThat(found.warnings.count()).isZero();
  }

  @Test
  void eachPathAppearsAsItsLastComponent() throws IOException {
    Path file = Files.writeString(folder.resolve("a-file"), "x");
    write("in-tree", "y");
    Path link = Files.createSymbolicLink(folder.resolve("linked"), tree);

    Recorder found = Recorder.of(new FileTreeSource(List.of(tree, link, file), List.of()));

    assertThat(found.entries)
        .containsOnlyKeys("a-file", "linked", "linked/in-tree", "tree", "tree/in-tree");
    assertThat(found.entries.keySet()).first().isEqualTo("a-file");
    assertThat(found.entries.get("linked")).isInstanceOf(FileEntry.Folder.class);
  }

  @Test
  void pathsThatCannotBeToldApartAreRefused() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other/tree"));

    assertRefused(
        ErrorCode.CONFIG_INVALID,
        "tree",
        () -> new FileTreeSource(List.of(tree, other), List.of()));
    assertRefused(
        ErrorCode.CONFIG_INVALID,
        "last component",
        () -> new FileTreeSource(List.of(Path.of("/")), List.of()));
    assertRefused(
        ErrorCode.CONFIG_INVALID, "no paths", () -> new FileTreeSource(List.of(), List.of()));
  }

  @Test
  void aConfiguredPathMustBeThere() {
    Path missing = folder.resolve("missing");

    assertRefused(
        ErrorCode.SOURCE_PATH_MISSING,
        missing.toString(),
        () -> Recorder.of(new FileTreeSource(List.of(tree, missing), List.of())));
  }

  @Test
  void aConfiguredPathMustBeReadable() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertRefused(
        ErrorCode.SOURCE_UNREADABLE,
        pipe.toString(),
        () -> Recorder.of(new FileTreeSource(List.of(pipe), List.of())));
  }

  @Test
  void whatCannotBeReadIsLeftOutWithAWarning() throws IOException {
    Path file = write("secret", "x");
    Path closed = Files.createDirectory(tree.resolve("closed"));
    write("closed/inside", "x");
    write("open", "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(file), "this user may read everything");

      Recorder found = Recorder.of(source());

      assertThat(found.entries).containsOnlyKeys("tree", "tree/closed", "tree/open");
      assertThat(found.warnings.sentences())
          .containsExactly(
              "Left out what is in the folder " + closed + ": permission denied",
              "Left out " + file + ": permission denied");
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aFileThatVanishesBeforeItIsReadIsLeftOutWithAWarning() throws IOException {
    Path file = write("gone", "x");
    write("here", "x");
    var recorder = new Recorder(Progress.none());
    var vanishing =
        new ForwardingVisitor(recorder) {
          @Override
          public void file(FileEntry.RegularFile found) {
            delete(file);
            super.file(found);
          }
        };

    source().walk(vanishing, recorder.warnings, Progress.none());

    assertThat(recorder.entries).containsOnlyKeys("tree", "tree/here");
    assertThat(recorder.warnings.sentences()).containsExactly("Left out " + file + ": it is gone");
  }

  @Test
  void aFileThatALinkReplacedIsNotReadThroughIt() throws IOException {
    Path file = write("file", "x");
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    var recorder = new Recorder(Progress.none());
    var replacing =
        new ForwardingVisitor(recorder) {
          @Override
          public void file(FileEntry.RegularFile found) {
            delete(file);
            link(file, secret);
            super.file(found);
          }
        };

    source().walk(replacing, recorder.warnings, Progress.none());

    assertThat(recorder.contents).isEmpty();
    assertThat(recorder.warnings.sentences())
        .singleElement()
        .asString()
        .startsWith("Left out " + file);
  }

  @Test
  void manyWarningsAreCountedAndTheFirstOnesKept() {
    var warnings = new Warnings(Progress.none());
    for (int n = 0; n < 1500; n++) {
      warnings.add("Left out " + n);
    }

    assertThat(warnings.count()).isEqualTo(1500);
    assertThat(warnings.sentences())
        .hasSize(1001)
        .startsWith("Left out 0")
        .endsWith("And 500 more warnings of these kinds");
  }

  @Test
  void aNameThatIsNoTextIsKept() throws IOException {
    FileName name = FileName.of(new byte[] {'x', (byte) 0xff, (byte) 0xfe});
    Files.writeString(RawName.resolve(tree, name), "contents");

    Recorder found = Recorder.of(new FileTreeSource(List.of(tree), List.of("nothing")));

    assertThat(found.entries.values()).extracting(FileEntry::name).contains(name);
    assertThat(found.contents.values())
        .singleElement()
        .satisfies(c -> assertThat(c.bytes).hasToString("contents"));
  }

  private FileTreeSource source() {
    return new FileTreeSource(List.of(tree), List.of());
  }

  private Path write(String name, String contents) throws IOException {
    Path path = tree.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, contents);
  }

  private static void assertRefused(ErrorCode code, String fact, ThrowingCallable call) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(call)
        .withMessageContaining(fact)
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(code));
  }
}
