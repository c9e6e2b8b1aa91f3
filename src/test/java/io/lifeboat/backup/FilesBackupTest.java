package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.folder.FolderStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesBackupTest {
  private static final Instant LONG_AGO = Instant.parse("2020-02-29T23:59:59.123456789Z");

  @TempDir Path folder;
  private ObjectStore store;
  private RepositoryFixture fixture;
  private Path tree;
  private final BackupEngine engine =
      new BackupEngine(new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC());

  @BeforeEach
  void createRepository() throws IOException {
    store = new FolderStore(folder.resolve("store"));
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    tree = Files.createDirectories(folder.resolve("artifacts"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void everyKindOfEntryComesBackAsItWas() throws Exception {
    write("plain.txt", "hello");
    write("empty", "");
    write("deep/er/still/file.bin", "x".repeat(100_000));
    write("name with spaces and ünïcödé", "u");
    Files.setAttribute(write("program", "#!/bin/sh"), "unix:mode", 04755);
    Files.createLink(tree.resolve("hard"), tree.resolve("plain.txt"));
    Files.createSymbolicLink(tree.resolve("soft"), Path.of("../nowhere/at all"));
    var odd = new ProcessBuilder("ln", "-s", "some//odd/", tree.resolve("odd-link").toString());
    assertThat(odd.start().waitFor()).isZero();
    Files.createDirectory(tree.resolve("hollow"));
    var random = new byte[3_000_000];
    new Random(1).nextBytes(random);
    Files.write(tree.resolve("big.bin"), random);
    try (var sparse = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
      sparse.seek(40_000_000);
      sparse.write(7);
      sparse.setLength(60_000_000);
    }
    Files.setLastModifiedTime(tree.resolve("plain.txt"), FileTime.from(LONG_AGO));
    Files.setAttribute(tree.resolve("hollow"), "unix:mode", 0500);

    BackupResult result = backUp();
    Path target = restore(result.snapshot());

    assertThat(look(target.resolve("artifacts"))).isEqualTo(look(tree));
    var read = new ProcessBuilder("readlink", target.resolve("artifacts/odd-link").toString());
    assertThat(
            new String(
                read.start().getInputStream().readAllBytes(),
                java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("some//odd/\n");
    assertThat(Files.mismatch(target.resolve("artifacts/big.bin"), tree.resolve("big.bin")))
        .isEqualTo(-1);
    assertThat(
            Files.isSameFile(
                target.resolve("artifacts/hard"), target.resolve("artifacts/plain.txt")))
        .isTrue();
    assertThat(Files.getLastModifiedTime(target.resolve("artifacts/plain.txt")).toInstant())
        .isEqualTo(LONG_AGO);
    assertThat(blocks(target.resolve("artifacts/sparse"))).isLessThan(1000);
    assertThat(target.resolve(FolderTarget.UNFINISHED)).doesNotExist();
    assertThat(result.warnings()).isEmpty();
  }

  @Test
  void anUnchangedTreeIsNotReadAgain() throws Exception {
    for (int i = 0; i < 50; i++) {
      write("f" + i, "content " + i);
      Files.setLastModifiedTime(tree.resolve("f" + i), FileTime.from(LONG_AGO));
    }
    awaitSettled();
    BackupResult first = backUp();
    BackupResult second = backUp();
    write("f7", "changed!!");
    BackupResult third = backUp();

    assertThat(first.filesRead()).isEqualTo(50);
    assertThat(second.filesRead()).isZero();
    assertThat(second.bytesRead()).isZero();
    assertThat(third.filesRead()).isEqualTo(1);
    assertThat(look(restore(third.snapshot()).resolve("artifacts"))).isEqualTo(look(tree));
  }

  /**
   * The cache trusts no file that changed within its clock's tick: waits until the newest is old
   * enough.
   */
  private void awaitSettled() throws Exception {
    Instant settled = Instant.now().plusMillis(2100);
    while (Instant.now().isBefore(settled)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aDamagedCacheIsIgnored() throws Exception {
    write("f", "content");
    awaitSettled();
    backUp();
    Path cache = folder.resolve("cache/files");
    byte[] bytes = Files.readAllBytes(cache);
    bytes[bytes.length / 2] ^= 1;
    Files.write(cache, bytes);

    BackupResult again = backUp();

    assertThat(again.filesRead()).isEqualTo(1);
    assertThat(look(restore(again.snapshot()).resolve("artifacts"))).isEqualTo(look(tree));
  }

  /** Three files, one of them larger than the rest of the cache, and what the first run left. */
  private byte[] cacheOfThreeFiles() throws Exception {
    write("f", "content");
    write("deep/g", "more content");
    write("h", "z".repeat(700_000));
    awaitSettled();
    backUp();
    return Files.readAllBytes(cache());
  }

  private Path cache() {
    return folder.resolve("cache/files");
  }

  private void assertRightWithCache(byte[] cache, byte[] whole) throws Exception {
    Files.write(cache(), cache);
    BackupResult result = backUp();
    assertThat(result.filesRead()).as("files read anew").isEqualTo(3);
    Path restored = restore(result.snapshot());
    assertThat(look(restored.resolve("artifacts"))).isEqualTo(look(tree));
    assertThat(Files.readString(restored.resolve("artifacts/deep/g"))).isEqualTo("more content");
    assertThat(Files.size(cache())).isEqualTo(whole.length);
    assertThat(backUp().filesRead()).as("the cache was made again").isZero();
  }

  @Test
  void aCacheThatIsCutOffAnywhereIsMadeAgain() throws Exception {
    byte[] whole = cacheOfThreeFiles();
    for (int sixteenth = 0; sixteenth < 16; sixteenth++) {
      assertRightWithCache(Arrays.copyOf(whole, whole.length * sixteenth / 16), whole);
    }
  }

  @Test
  void aCacheWithAnyBitWrongIsMadeAgain() throws Exception {
    byte[] whole = cacheOfThreeFiles();
    var random = new Random(12);
    for (int i = 0; i < 24; i++) {
      byte[] changed = whole.clone();
      int at = i < 8 ? i : random.nextInt(whole.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      assertRightWithCache(changed, whole);
    }
  }

  @Test
  void theCacheOfAnotherSourceIsOfNoUseAndDoesNoHarm() throws Exception {
    byte[] ours = cacheOfThreeFiles();
    var otherSource = RepositoryFixture.create(new InMemoryStore(), folder.resolve("other/spool"));
    Path otherCache = folder.resolve("other/cache");
    // The same files, so the keys are the same: but their chunks have other ids there.
    engine.run(
        new BackupEngine.Order(
            otherSource.writer(),
            "docs-nightly",
            "docs",
            new SourceConfig.Files(List.of(tree), List.of()),
            List.of(),
            otherCache),
        Progress.none());
    byte[] theirs = Files.readAllBytes(otherCache.resolve("files"));
    assertThat(theirs).isNotEqualTo(ours).hasSameSizeAs(ours);

    assertRightWithCache(theirs, ours);
  }

  @Test
  void aCacheThatNamesChunksWhichAreGoneIsNotBelieved() throws Exception {
    byte[] whole = cacheOfThreeFiles();
    List<String> packs;
    try (Stream<ObjectInfo> objects = store.list("p/d/")) {
      packs = objects.map(ObjectInfo::name).toList();
    }
    assertThat(packs).isNotEmpty();
    packs.forEach(store::delete);

    assertRightWithCache(whole, whole);
  }

  private BackupResult backUp() {
    return engine.run(
        new BackupEngine.Order(
            fixture.writer(),
            "docs-nightly",
            "docs",
            new SourceConfig.Files(List.of(tree), List.of()),
            List.of(),
            folder.resolve("cache")),
        Progress.none());
  }

  private Path restore(String snapshot) {
    Path target = folder.resolve("restored-" + snapshot);
    try (SnapshotReader reader = fixture.reader().read(snapshot);
        var folderTarget = new FolderTarget(target)) {
      new RestoreEngine()
          .restore(reader, RestoreSelection.everything(), folderTarget, Progress.none());
    }
    return target;
  }

  private Path write(String name, String content) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private static long blocks(Path file) throws Exception {
    var process = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(
        new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
            .strip());
  }

  /** Each entry with mode, owner, time, size and link target. */
  private static Map<String, String> look(Path root) throws IOException {
    Map<String, String> looks = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        Map<String, Object> unix =
            Files.readAttributes(path, "unix:mode,uid,gid,nlink,size", LinkOption.NOFOLLOW_LINKS);
        var time =
            Files.getFileAttributeView(
                    path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .lastModifiedTime();
        boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        looks.put(
            root.relativize(path).toString(),
            unix.get("mode")
                + " "
                + unix.get("uid")
                + ":"
                + unix.get("gid")
                + " "
                + time.toInstant()
                + (folder ? "" : " " + unix.get("size") + " " + unix.get("nlink"))
                + (Files.isSymbolicLink(path) ? " -> " + Files.readSymbolicLink(path) : ""));
      }
    }
    return looks;
  }
}
