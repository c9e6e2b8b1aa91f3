package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.DyingStore;
import io.lifeboat.store.InMemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup that ends before its snapshot is in the log leaves packs behind; the next run must find
 * them. Each file here is a chunk, and each data chunk a pack.
 */
class InterruptedBackupTest {
  private static final Attributes PLAIN =
      new Attributes(0644, 1000, 1000, "ada", "staff", Instant.parse("2026-01-30T10:11:12Z"));
  private static final int FILES = 18;
  private static final int FILE_BYTES = 30_000;
  private static final PackSizes ONE_CHUNK_EACH = new PackSizes(FILE_BYTES, FILE_BYTES, 0);

  @TempDir Path folder;
  private final List<byte[]> files = files();
  private DyingStore store;
  private RepositoryFixture fixture;
  private int repositories;

  private static List<byte[]> files() {
    var random = new Random(8);
    List<byte[]> files = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[FILE_BYTES];
      random.nextBytes(bytes);
      files.add(bytes);
    }
    return files;
  }

  @BeforeEach
  void createRepository() {
    store = new DyingStore(new InMemoryStore());
    fixture = RepositoryFixture.create(store, folder.resolve(++repositories + "/spool"));
  }

  @Test
  void whereverARunIsKilledNothingThatItHasStoredIsStoredAgain() throws Exception {
    int points = 0;
    while (killAt(points + 1, false)) {
      Map<PackRef, List<PackEntry>> durable = fixture.footers();

      SnapshotWriter.Found found = backUp("s2");

      assertStoredOnce(durable.keySet());
      assertSegmentsNameNoRoot();
      assertThat(found.reusedBytes()).isEqualTo(dataChunks(durable.keySet()) * (long) FILE_BYTES);
      assertThat(readBack("s2")).as("killed at put %d", points + 1).isTrue();
      points++;
      createRepository();
    }
    // Packs of contents and of the tree, two segments, the last pack, two log entries.
    assertThat(points).isEqualTo(FILES + 6);
  }

  @Test
  void onlyThePackWhoseAnswerWasLostIsStoredAgain() throws Exception {
    for (int put = 1; killAt(put, true); put++) {
      Set<PackRef> durable = fixture.footers().keySet();

      backUp("s2");

      Map<PackRef, List<PackEntry>> now = fixture.footers();
      Set<ChunkId> before = chunks(now, durable);
      List<ChunkId> again =
          now.keySet().stream()
              .filter(pack -> !durable.contains(pack))
              .flatMap(pack -> chunks(now, Set.of(pack)).stream())
              .filter(before::contains)
              .toList();
      assertThat(again).hasSizeLessThanOrEqualTo(1);
      assertThat(readBack("s2")).isTrue();
      createRepository();
    }
  }

  @Test
  void withoutTheWorkFolderWhatASegmentNamesIsNotStoredAgain() throws Exception {
    for (int put = DurablePacks.PACKS_A_SEGMENT; killAt(put, false); put++) {
      deleteWorkFolder();
      Set<PackRef> named = namedBySegments();
      if (put > DurablePacks.PACKS_A_SEGMENT + 5) {
        assertThat(named).hasSizeGreaterThanOrEqualTo(DurablePacks.PACKS_A_SEGMENT);
      }

      SnapshotWriter.Found found = backUp("s2");

      assertStoredOnce(named);
      assertThat(found.knownBytes()).isEqualTo(dataChunks(named) * (long) FILE_BYTES);
      assertThat(readBack("s2")).isTrue();
      createRepository();
    }
  }

  @Test
  void aRunThatFailedWhileTheStoreAnswersTellsEverybody() throws Exception {
    try (SnapshotWriter writer = fixture.writer(ONE_CHUNK_EACH).begin(order("s1"))) {
      write(writer);
      writer.endContents();
    }
    Set<PackRef> durable = fixture.footers().keySet();
    assertThat(durable).isNotEmpty();
    assertThat(namedBySegments()).containsExactlyInAnyOrderElementsOf(durable);
    deleteWorkFolder();

    backUp("s2");

    assertStoredOnce(durable);
    assertThat(readBack("s2")).isTrue();
  }

  @Test
  void aJournalHelpsAsFarAsItIsWhole() throws Exception {
    var random = new Random(9);
    for (int damage = 0; damage < 28; damage++) {
      assertThat(killAt(15, false)).isTrue();
      byte[] whole = Files.readAllBytes(journal());
      int at = damage < 16 ? whole.length * damage / 16 : random.nextInt(whole.length);
      byte[] damaged = damage < 16 ? Arrays.copyOf(whole, at) : whole.clone();
      if (damage >= 16) {
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(journal(), damaged);
      int intact = recordsBefore(whole, at);

      SnapshotWriter.Found found = backUp("s2");

      assertThat(found.reusedBytes())
          .as("damage %d at %d", damage, at)
          .isEqualTo(intact * (long) FILE_BYTES);
      assertThat(readBack("s2")).isTrue();
      createRepository();
    }
  }

  @Test
  void aJournalIsContinuedAfterItsTornEndAndOverSeveralRuns() throws Exception {
    killAt(5, false);
    byte[] torn = Files.readAllBytes(journal());
    Files.write(journal(), Arrays.copyOf(torn, torn.length - 3));
    killAt(9, false);

    SnapshotWriter.Found found = backUp("s2");

    // Three of the first run's four puts, the first of which was a log entry; and the second's,
    // whose first put is the segment that names those for others.
    assertThat(found.reusedBytes()).isGreaterThanOrEqualTo((3 + 6) * (long) FILE_BYTES);
    assertThat(readBack("s2")).isTrue();
    assertThat(journal()).doesNotExist();
    assertThat(backUp("s3")).isEqualTo(new SnapshotWriter.Found(FILES * (long) FILE_BYTES, 0));
  }

  @Test
  void thePacksOfAKilledRunAreNamedForOtherHostsByTheNextOne() throws Exception {
    killAt(10, false);
    Set<PackRef> durable = fixture.footers().keySet();
    assertThat(namedBySegments()).isEmpty();

    try (SnapshotWriter writer = fixture.writer(ONE_CHUNK_EACH).begin(order("s2"))) {
      assertThat(namedBySegments()).containsExactlyInAnyOrderElementsOf(durable);
      assertThat(writer.found().reusedBytes()).isZero();
    }
  }

  @Test
  void aJournaledPackThatIsGoneIsStoredAgain() throws Exception {
    killAt(10, false);
    PackRef gone = fixture.footers().keySet().iterator().next();
    store.delete(gone.objectName());

    backUp("s2");

    assertThat(readBack("s2")).isTrue();
  }

  /** Answers whether the run died there, and not at all because it had ended. */
  private boolean killAt(int put, boolean afterItsEffect) {
    store.dieAt(put, afterItsEffect);
    try {
      backUp("s1");
    } catch (LifeboatException e) {
      assertThat(store.isDead()).isTrue();
    }
    boolean died = store.isDead();
    store.revive();
    return died;
  }

  private static SnapshotOrder order(String id) {
    return RepositoryFixture.order(id);
  }

  private SnapshotWriter.Found backUp(String id) {
    try (SnapshotWriter writer = fixture.writer(ONE_CHUNK_EACH).begin(order(id))) {
      List<CompletableFuture<Node.RegularFile>> nodes = write(writer);
      writer.commit(
          "{}",
          writer.directory(FileName.of("root"), PLAIN, nodes),
          new SnapshotWriter.Totals(FILES * (long) FILE_BYTES, FILES));
      return writer.found();
    }
  }

  private List<CompletableFuture<Node.RegularFile>> write(SnapshotWriter writer) {
    List<CompletableFuture<Node.RegularFile>> nodes = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      ContentWriter content = writer.content(Chunking.PAGES, Long.MAX_VALUE);
      content.write(files.get(i), 0, FILE_BYTES);
      FileName name = FileName.of("file-" + i);
      nodes.add(
          content
              .finish()
              .thenApply(stored ->
                  new Node.RegularFile(name, PLAIN, stored.content(), stored.sha256(), 0)));
    }
    return nodes;
  }

  /** No chunk of these packs is in another pack. */
  private void assertStoredOnce(Set<PackRef> durable) {
    Map<PackRef, List<PackEntry>> now = fixture.footers();
    Set<ChunkId> before = chunks(now, durable);
    Set<PackRef> others = new HashSet<>(now.keySet());
    others.removeAll(durable);
    assertThat(Collections.disjoint(chunks(now, others), before)).isTrue();
  }

  private void assertSegmentsNameNoRoot() throws IOException {
    Map<PackRef, List<PackEntry>> footers = fixture.footers();
    for (PackRef pack : namedBySegments()) {
      assertThat(footers.get(pack)).allMatch(entry -> entry.type().deduplicated());
    }
  }

  /** Roots and reference lists are not among them: they are always stored. */
  private static Set<ChunkId> chunks(Map<PackRef, List<PackEntry>> footers, Set<PackRef> packs) {
    var chunks = new HashSet<ChunkId>();
    for (PackRef pack : packs) {
      footers.get(pack).stream()
          .filter(entry -> entry.type().deduplicated())
          .forEach(entry -> chunks.add(entry.chunk()));
    }
    return chunks;
  }

  private static long dataChunks(Set<PackRef> packs) {
    return packs.stream().filter(pack -> pack.kind() == PackKind.DATA).count();
  }

  private Set<PackRef> namedBySegments() throws IOException {
    var named = new HashSet<PackRef>();
    IndexSegments segments = fixture.segments();
    segments.read(segments.names(), (name, packs) -> packs.forEach(pack -> named.add(pack.ref())));
    return named;
  }

  private Path journal() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(repositories + ""))) {
      return all.filter(path -> path.endsWith("lock"))
          .findFirst()
          .orElseThrow()
          .resolveSibling("journal");
    }
  }

  private static int recordsBefore(byte[] journal, int end) {
    int records = 0;
    for (int at = 0; at < end; records++) {
      at += Integer.BYTES + ByteBuffer.wrap(journal).getInt(at);
      if (at > end) {
        return records;
      }
    }
    return records;
  }

  private void deleteWorkFolder() throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder.resolve(repositories + ""))) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  private boolean readBack(String id) {
    try (SnapshotReader reader = fixture.reader().read(id)) {
      List<Node.RegularFile> nodes =
          reader.list(reader.root().tree()).stream().map(Node.RegularFile.class::cast).toList();
      assertThat(nodes).hasSize(FILES);
      try (ContentSequence contents = reader.read(nodes.iterator())) {
        for (Node.RegularFile node : nodes) {
          int number = Integer.parseInt(node.name().toString().substring("file-".length()));
          assertThat(bytes(contents.next())).isEqualTo(files.get(number));
        }
      }
    }
    return true;
  }

  private static byte[] bytes(ContentReader content) {
    var bytes = new ByteArrayOutputStream();
    for (var piece = content.next(); piece.isPresent(); piece = content.next()) {
      byte[] part = new byte[((ContentReader.Piece.Data) piece.get()).bytes().remaining()];
      ((ContentReader.Piece.Data) piece.get()).bytes().get(part);
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }
}
