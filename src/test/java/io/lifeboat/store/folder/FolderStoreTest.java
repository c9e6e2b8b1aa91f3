package io.lifeboat.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.PutOutcome;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {
  private static final Body BODY = new Body.Bytes(new byte[] {1, 2, 3});

  @TempDir private Path folder;
  private Path root;
  private FolderStore store;

  @BeforeEach
  void open() {
    root = folder.resolve("store");
    store = new FolderStore(root);
  }

  @Test
  void onlyTheOwnerCanReadAndNobodyCanWrite() throws IOException {
    store.putIfAbsent("p/d/ab", BODY);

    assertThat(permissions(root.resolve("p/d/ab"))).isEqualTo("r--------");
    for (Path made : List.of(root, root.resolve("p"), root.resolve("p/d"), root.resolve(".tmp"))) {
      assertThat(permissions(made)).isEqualTo("rwx------");
    }
  }

  @Test
  void aSpooledFileIsLinkedNotCopied() throws IOException {
    Path spooled = Files.write(folder.resolve("spooled"), new byte[1000]);

    store.putIfAbsent("pack", new Body.SpooledFile(spooled, 1000));

    assertThat(Files.isSameFile(spooled, root.resolve("pack"))).isTrue();
    Files.delete(spooled);
    assertThat(store.get("pack", 100 << 20)).hasSize(1000);
  }

  @Test
  void aSpooledFileOfAnotherLengthIsNotPublished() throws IOException {
    Path spooled = Files.write(folder.resolve("spooled"), new byte[1000]);

    assertFails(
        ErrorCode.IO_FAILED, () -> store.putIfAbsent("pack", new Body.SpooledFile(spooled, 1001)));

    assertThat(names()).isEmpty();
  }

  @Test
  void noTemporaryFileIsLeft() {
    store.putIfAbsent("a", BODY);
    store.putIfAbsent("a", BODY);

    assertThat(root.resolve(".tmp")).isEmptyDirectory();
  }

  @Test
  void temporaryFilesAreRemovedAfterADayAndNotBefore() throws IOException {
    Path temporaries = Files.createDirectories(root.resolve(".tmp"));
    Path stale = Files.write(temporaries.resolve("stale"), new byte[10]);
    Path live = Files.write(temporaries.resolve("live"), new byte[10]);
    FileTime now = Files.getLastModifiedTime(live);
    Files.setLastModifiedTime(stale, before(now, Duration.ofHours(25)));
    Files.setLastModifiedTime(live, before(now, Duration.ofHours(23)));

    store.putIfAbsent("a", BODY);

    assertThat(stale).doesNotExist();
    assertThat(live).exists();
    assertThat(names()).containsExactly("a");
  }

  @Test
  void whatIsNotOursIsNeitherListedNorRead() throws IOException {
    store.putIfAbsent("ours", BODY);
    Files.createDirectories(root.resolve("lost+found"));
    Files.createDirectories(root.resolve("empty"));
    Files.write(root.resolve("a b"), new byte[1]);
    Files.write(root.resolve(".hidden"), new byte[1]);
    Files.createSymbolicLink(root.resolve("link"), root.resolve("ours"));
    Files.createSymbolicLink(root.resolve("loop"), root);

    assertThat(names()).containsExactly("ours");
    assertThat(store.head("link")).isEmpty();
    assertThat(store.head("loop/ours")).isPresent();
    assertFails(ErrorCode.OBJECT_MISSING, () -> store.get("link", 100 << 20));
    store.delete("link");
    store.delete("empty");
    assertThat(root.resolve("link")).isSymbolicLink();
    assertThat(root.resolve("empty")).exists();
  }

  @Test
  void readingCreatesNothing() {
    assertThat(names()).isEmpty();
    assertThat(store.head("a/b")).isEmpty();
    assertFails(ErrorCode.OBJECT_MISSING, () -> store.get("a/b", 100 << 20));
    store.delete("a/b");

    assertThat(root).doesNotExist();
  }

  @Test
  void aPathThatIsNotAFolderIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("file"), new byte[1]);

    assertFails(ErrorCode.CONFIG_INVALID, () -> new FolderStore(file));
  }

  @Test
  void anObjectCannotBeAnotherOnesFolder() {
    store.putIfAbsent("a", BODY);
    store.putIfAbsent("b/c", BODY);

    assertFails(ErrorCode.IO_FAILED, () -> store.putIfAbsent("a/b", BODY));
    assertFails(ErrorCode.IO_FAILED, () -> store.putIfAbsent("b", BODY));
    store.delete("a/b");
    assertThat(names()).containsExactly("a", "b/c");
  }

  @Test
  void anInterruptPublishesNothingAndStaysSet() {
    store.putIfAbsent("before", BODY);
    Thread.currentThread().interrupt();

    try {
      assertFails(ErrorCode.CANCELLED, () -> store.putIfAbsent("a", BODY));
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(names()).containsExactly("before");
    assertThat(root.resolve(".tmp")).isEmptyDirectory();
    assertThat(store.putIfAbsent("a", BODY)).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void errorsOfTheFileSystemSayWhatToDo() {
    assertTranslated(new IOException("No space left on device"), ErrorCode.DISK_FULL, "Free space");
    assertTranslated(
        new FileSystemException("x", null, "No space left on device"), ErrorCode.DISK_FULL, "Free");
    assertTranslated(new IOException("Disk quota exceeded"), ErrorCode.DISK_FULL, "Free space");
    assertTranslated(new AccessDeniedException("x"), ErrorCode.STORE_DENIED, "user");
    assertTranslated(
        new FileSystemException("x", null, "Read-only file system"),
        ErrorCode.STORE_DENIED,
        "writable");
    assertTranslated(new IOException("Input/output error"), ErrorCode.IO_FAILED, "disk");
  }

  private static void assertTranslated(IOException error, ErrorCode code, String hint) {
    LifeboatException failure = FolderFailures.translate(error, "write", Path.of("/backup/log/1"));
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure).hasMessageContaining("Cannot write /backup/log/1").hasCause(error);
    assertThat(failure.hint()).contains(hint);
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(call)
        .extracting(LifeboatException::code)
        .isEqualTo(code);
  }

  private List<String> names() {
    try (Stream<ObjectInfo> objects = store.list("")) {
      return objects.map(ObjectInfo::name).toList();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static FileTime before(FileTime time, Duration age) {
    return FileTime.from(time.toInstant().minus(age));
  }
}
