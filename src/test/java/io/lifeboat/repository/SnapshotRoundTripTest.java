package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.folder.FolderStore;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotRoundTripTest {
  private static final Attributes PLAIN =
      new Attributes(
          0644, 1000, 1000, "ada", "staff", Instant.parse("2026-01-30T10:11:12.123456789Z"));

  @TempDir Path folder;
  private ObjectStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    store = new FolderStore(folder.resolve("store"));
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void everyLengthOfFileComesBackByteForByte() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    var random = new Random(7);
    for (int size : new int[] {0, 1, 100, 4096, 70_000, 524_288, 524_289, 3_000_000, 20_000_000}) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      files.put("file-" + size, bytes);
    }
    files.put("empty between small ones", new byte[0]);
    files.put("small after it", new byte[] {1, 2, 3});
    files.put("zeros", new byte[9_000_000]);

    SnapshotInfo info = backUp("s1", files);

    assertSame(readBack("s1"), files);
    assertThat(info.files()).isEqualTo(files.size());
    assertThat(fixture.writer().snapshots()).containsExactly(info);
    assertThat(fixture.reader().snapshots()).containsExactly(info);
    assertThat(
            fixture.reader().verification().run(Verification.Depth.L2, Progress.none()).problems())
        .isEmpty();
  }

  @Test
  void anUnchangedTreeStoresNextToNothing() throws Exception {
    Map<String, byte[]> files = randomFiles(40, 200_000);
    SnapshotInfo first = backUp("s1", files);
    SnapshotInfo second = backUp("s2", files);

    assertThat(first.storedBytes()).isGreaterThan(7_000_000);
    assertThat(second.storedBytes()).isLessThan(20_000);
    assertSame(readBack("s2"), files);
    assertSame(readBack("s1"), files);
  }

  @Test
  void aVeryLongFileKeepsItsExtentsOutOfTheListing() throws Exception {
    int blocks = 3000;
    byte[] block = new byte[ChunkLimits.PAGES_BYTES];
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s1"))) {
      ContentWriter content = writer.content(Chunking.PAGES, Long.MAX_VALUE);
      for (int i = 0; i < blocks; i++) {
        block[0] = (byte) i;
        block[1] = (byte) (i >> 8);
        content.write(block, 0, block.length);
        content.hole(4096);
      }
      var file =
          content
              .finish()
              .thenApply(stored ->
                  new Node.RegularFile(
                      FileName.of("big"), PLAIN, stored.content(), stored.sha256(), 0));
      writer.commit(
          "{}",
          writer.directory(FileName.of("root"), PLAIN, List.of(file)),
          new SnapshotWriter.Totals(blocks * (block.length + 4096L), 1));
    }

    try (SnapshotReader reader = fixture.reader().read("s1")) {
      var file = (Node.RegularFile) reader.list(reader.root().tree()).getFirst();
      assertThat(file.content()).isInstanceOf(Content.Indirect.class);
      try (ContentSequence contents = reader.read(List.of(file).iterator())) {
        ContentReader content = contents.next();
        var digest = MessageDigest.getInstance("SHA-256");
        long holes = 0;
        for (var piece = content.next(); piece.isPresent(); piece = content.next()) {
          switch (piece.get()) {
            case ContentReader.Piece.Data data -> digest.update(data.bytes());
            case ContentReader.Piece.Hole hole -> {
              holes++;
              digest.update(new byte[(int) hole.lengthBytes()]);
            }
          }
        }
        assertThat(holes).isEqualTo(blocks);
        assertThat(digest.digest()).isEqualTo(file.sha256().orElseThrow());
      }
    }
  }

  @Test
  void nothingIsThereBeforeCommit() {
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s1"))) {
      ContentWriter content = writer.content(Chunking.CONTENT, 3);
      content.write(new byte[] {1, 2, 3}, 0, 3);
      var unused = content.finish();
    }
    assertThat(fixture.writer().snapshots()).isEmpty();
    assertThat(folder.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void aBackupNodeCannotReadWhatItWrote() throws Exception {
    backUp("s1", randomFiles(2, 1000));
    assertThatThrownBy(() -> fixture.writer().read("s1"))
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("recovery identity");
  }

  @Test
  void oneChangedByteInAnyObjectIsFoundAndNamed() throws Exception {
    backUp("s1", randomFiles(3, 30_000));
    List<String> names;
    try (Stream<ObjectInfo> all = store.list("")) {
      names = all.map(ObjectInfo::name).toList();
    }
    assertThat(names).hasSizeGreaterThanOrEqualTo(8);
    var random = new Random(3);
    for (String name : names) {
      byte[] original = store.get(name, 100 << 20);
      for (int i = 0; i < 6; i++) {
        byte[] changed = original.clone();
        int at = i == 0 ? 0 : i == 1 ? changed.length - 1 : random.nextInt(changed.length);
        changed[at] ^= (byte) (1 << random.nextInt(8));
        replace(name, changed);
        assertThat(problems()).as("%s at %d", name, at).anyMatch(p -> p.contains(name));
      }
      replace(name, original);
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void aPackThatIsGoneIsStoredAgain() throws Exception {
    Map<String, byte[]> files = randomFiles(4, 100_000);
    backUp("s1", files);
    delete("p/d/");

    backUp("s2", files);

    assertSame(readBack("s2"), files);
  }

  @Test
  void aBackupThatWouldNotCountIsRefused() throws Exception {
    backUp("s1", randomFiles(1, 1000));
    byte[] registration = store.get("log/0000000000000001", 100 << 20);
    registration[10] ^= 1;
    replace("log/0000000000000001", registration);

    assertThatThrownBy(() -> backUp("s2", randomFiles(1, 1000)))
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("log/0000000000000001");
  }

  @Test
  void aMissingLogEntryIsNeverWrittenOver() throws Exception {
    backUp("s1", randomFiles(1, 1000));
    backUp("s2", randomFiles(1, 1000));
    delete("log/0000000000000003");

    assertThatThrownBy(() -> backUp("s3", randomFiles(1, 1000)))
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("log/0000000000000003");
    assertThat(problems()).anyMatch(p -> p.contains("log/0000000000000003"));
  }

  @Test
  void strayObjectsStopNobody() throws Exception {
    Map<String, byte[]> files = randomFiles(2, 1000);
    backUp("s1", files);
    for (String name : List.of("log/zzz", "x/" + domain() + "/junk", "p/d/00/junk")) {
      replace(name, new byte[] {1, 2, 3});
    }

    backUp("s2", files);

    assertSame(readBack("s2"), files);
    assertThat(problems()).anyMatch(p -> p.contains("log/zzz"));
  }

  @Test
  void oneDamagedSnapshotEntryHidesNoOther() throws Exception {
    Map<String, byte[]> files = randomFiles(2, 1000);
    backUp("s1", files);
    backUp("s2", files);
    byte[] entry = store.get("log/0000000000000003", 100 << 20);
    entry[40] ^= 1;
    replace("log/0000000000000003", entry);

    assertThat(fixture.reader().snapshots()).extracting(SnapshotInfo::id).containsExactly("s2");
    assertSame(readBack("s2"), files);
    assertThatThrownBy(() -> fixture.reader().requireSound())
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("log/0000000000000003");
  }

  @Test
  void aSnapshotNeedsNothingOfTheLogButItsOwnEntry() throws Exception {
    Map<String, byte[]> files = randomFiles(2, 1000);
    backUp("s1", files);
    byte[] domainEntry = store.get("log/0000000000000002", 100 << 20);
    domainEntry[40] ^= 1;
    replace("log/0000000000000002", domainEntry);

    assertSame(readBack("s1"), files);
  }

  @Test
  void aFileThatLooksLikeAReferenceListStandsInForNone() throws Exception {
    backUp("s1", randomFiles(2, 1000));
    byte[] empty = new References(List.of()).encode();

    SnapshotInfo list = backUp("s2", Map.of("list", empty));
    Map<String, byte[]> none = Map.of();
    backUp("s3", none);
    backUp("s4", none);

    assertThat(list.files()).isEqualTo(1);
    assertSame(readBack("s3"), none);
    assertSame(readBack("s4"), none);
  }

  private String domain() {
    try (Stream<ObjectInfo> segments = store.list("x/")) {
      return segments.findFirst().orElseThrow().name().split("/")[1];
    }
  }

  private void delete(String prefix) {
    List<String> names;
    try (Stream<ObjectInfo> objects = store.list(prefix)) {
      names = objects.map(ObjectInfo::name).toList();
    }
    assertThat(names).isNotEmpty();
    names.forEach(store::delete);
  }

  private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
    assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (name, bytes) -> assertThat(Arrays.equals(actual.get(name), bytes)).as(name).isTrue());
  }

  private List<String> problems() {
    try {
      return fixture.reader().verification().run(Verification.Depth.L1, Progress.none()).problems();
    } catch (LifeboatException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private void replace(String name, byte[] bytes) {
    store.delete(name);
    store.putIfAbsent(name, new io.lifeboat.store.Body.Bytes(bytes));
  }

  private static Map<String, byte[]> randomFiles(int count, int sizeBytes) {
    var random = new Random(11);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[sizeBytes];
      random.nextBytes(bytes);
      files.put(String.format("file-%03d", i), bytes);
    }
    return files;
  }

  private SnapshotInfo backUp(String id, Map<String, byte[]> files) {
    return SmallSnapshots.write(fixture.writer(), id, files);
  }

  private Map<String, byte[]> readBack(String id) {
    return SmallSnapshots.read(fixture.reader(), id);
  }
}
