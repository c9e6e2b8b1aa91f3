package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.FaultyStore;
import io.lifeboat.store.InMemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalIndexTest {
  private static final int DAMAGES = 40;

  @TempDir Path folder;
  private final Random random = new Random(5);
  private final InMemoryStore store = new InMemoryStore();
  private final IndexSegments segments =
      new IndexSegments(store, new MessageSealer(new SecureRandom()), "domain", new byte[32]);
  private final byte[] owner = new byte[IndexFile.OWNER_BYTES];

  @BeforeEach
  void makeSpool() throws IOException {
    Files.createDirectory(folder.resolve("spool"));
  }

  @Test
  void everyChunkIsFoundWhereItLiesAndNoOtherIs() {
    List<IndexSegments.Pack> packs = storedPacks(50, 400);
    segments.write(packs.subList(0, 20));
    segments.write(packs.subList(20, 50));

    try (LocalIndex index = open()) {
      assertKnows(index, packs);
      assertThat(index.find(chunk())).isEmpty();
      assertThat(index.packs()).isEqualTo(50);
    }
  }

  @Test
  void aChunkTakesAtMostFortyBytesOnDiskPacksAndAll() throws Exception {
    segments.write(storedPacks(100, 100));
    open().close();

    assertThat(Files.size(file())).isLessThanOrEqualTo(10_000 * 40);
  }

  @Test
  void packsWithVeryManyChunksAreReadRight() {
    List<IndexSegments.Pack> packs = storedPacks(2, 200_000);
    segments.write(packs);

    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
  }

  @Test
  void onlyNewSegmentsAreReadAgain() {
    List<IndexSegments.Pack> old = storedPacks(30, 20);
    segments.write(old);
    open().close();
    var counted = new FaultyStore(store);
    List<IndexSegments.Pack> added = storedPacks(5, 20);
    segments.write(added);
    // The first read passes; a second one would fail.
    counted.queue(
        FaultyStore.Method.GET, new FaultyStore.Fault.Pass(), FaultyStore.Fault.unreachable());

    try (LocalIndex index = open(counted, id -> true)) {
      assertKnows(index, old);
      assertKnows(index, added);
    }
    try (LocalIndex index = open()) {
      assertKnows(index, old);
      assertKnows(index, added);
    }
  }

  @Test
  void whateverIsCutOffOrChangedIsMadeAgain() throws Exception {
    List<IndexSegments.Pack> packs = storedPacks(7, 90);
    segments.write(packs);
    open().close();
    byte[] whole = Files.readAllBytes(file());

    for (int sixteenth = 0; sixteenth < 16; sixteenth++) {
      assertMadeAgain(Arrays.copyOf(whole, whole.length * sixteenth / 16), whole, packs);
    }
    assertMadeAgain(Arrays.copyOf(whole, whole.length - 1), whole, packs);
    assertMadeAgain(Arrays.copyOf(whole, whole.length + 1), whole, packs);
    for (int i = 0; i < DAMAGES; i++) {
      byte[] changed = whole.clone();
      int at = i < IndexFile.HEAD_BYTES / 4 ? i * 4 : random.nextInt(whole.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      assertMadeAgain(changed, whole, packs);
    }
  }

  private void assertMadeAgain(byte[] damaged, byte[] whole, List<IndexSegments.Pack> packs)
      throws IOException {
    Files.write(file(), damaged);
    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(whole);
  }

  @Test
  void aCopyThatCannotBeOpenedIsAskedForOnceAndTheFileStays() throws Exception {
    List<IndexSegments.Pack> packs = storedPacks(5, 20);
    segments.write(packs);
    PackRef copy = storedPacks(1, 1).getFirst().ref();
    var asked = new AtomicInteger();
    var known =
        new KnownPacks() {
          @Override
          public boolean mayUse(PackId pack) {
            return true;
          }

          @Override
          public List<PackRef> copies() {
            return List.of(copy);
          }

          @Override
          public Optional<IndexSegments.Pack> open(PackRef pack) {
            asked.incrementAndGet();
            return Optional.empty();
          }
        };
    open(store, known).close();
    Object first = Files.readAttributes(file(), BasicFileAttributes.class).fileKey();

    try (LocalIndex index = open(store, known)) {
      assertKnows(index, packs);
    }
    assertThat(asked).hasValue(1);
    assertThat(Files.readAttributes(file(), BasicFileAttributes.class).fileKey()).isEqualTo(first);

    segments.write(storedPacks(2, 20));
    open(store, known).close();
    assertThat(asked).as("also when there is something else to merge").hasValue(1);
  }

  @Test
  void theFileOfAnotherSourceIsMadeAgain() throws Exception {
    segments.write(storedPacks(7, 90));
    open().close();
    List<IndexSegments.Pack> ours = storedPacks(3, 10);
    var otherStore = new InMemoryStore();
    ours.forEach(pack -> otherStore.putIfAbsent(pack.ref().objectName(), body(pack)));
    var otherSegments =
        new IndexSegments(otherStore, new MessageSealer(new SecureRandom()), "other", new byte[32]);
    otherSegments.write(ours);
    owner[3] = 1;

    try (LocalIndex index = LocalIndex.open(place(), otherStore, otherSegments, id -> true)) {
      assertKnows(index, ours);
      assertThat(index.packs()).isEqualTo(3);
    }
  }

  @Test
  void aPackThatIsGoneOrOfAnotherSizeCountsAsNotStored() {
    List<IndexSegments.Pack> packs = storedPacks(20, 30);
    segments.write(packs);
    open().close();
    store.delete(packs.get(4).ref().objectName());
    store.overwrite(packs.get(9).ref().objectName(), new byte[2]);

    for (boolean fromScratch : new boolean[] {false, true}) {
      if (fromScratch) {
        segments.write(storedPacks(1, 1)); // makes it merge, and drop what is gone
      }
      try (LocalIndex index = open()) {
        for (int i = 0; i < packs.size(); i++) {
          if (i == 4 || i == 9) {
            packs.get(i).chunks().forEach(chunk -> assertThat(index.find(chunk)).isEmpty());
          } else {
            assertKnows(index, packs.subList(i, i + 1));
          }
        }
      }
    }
  }

  @Test
  void aPackThatMayNotBeUsedCountsAsNotStoredAsLongAsThatIsSaid() {
    List<IndexSegments.Pack> packs = storedPacks(5, 30);
    segments.write(packs);
    PackId condemned = packs.get(2).ref().id();

    try (LocalIndex index = open(store, id -> !id.equals(condemned))) {
      packs.get(2).chunks().forEach(chunk -> assertThat(index.find(chunk)).isEmpty());
      assertKnows(index, packs.subList(0, 2));
      assertKnows(index, packs.subList(3, 5));
    }
    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
  }

  @Test
  void ofAChunkInTwoPacksTheOneThatMayBeUsedIsFound() {
    ChunkId twice = chunk();
    IndexSegments.Pack first = stored(List.of(chunk(), twice));
    IndexSegments.Pack second = stored(List.of(chunk(), chunk(), twice));
    segments.write(List.of(first));
    segments.write(List.of(second));

    for (IndexSegments.Pack condemned : List.of(first, second)) {
      PackRef other = condemned == first ? second.ref() : first.ref();
      try (LocalIndex index = open(store, id -> !id.equals(condemned.ref().id()))) {
        ChunkIndex.Location found = index.find(twice).orElseThrow();
        assertThat(index.pack(found.pack())).isEqualTo(other);
        assertThat(found.ordinal()).isEqualTo(other == first.ref() ? 1 : 2);
      }
    }
  }

  @Test
  void idsThatAreNotEvenlySpreadAreFoundToo() {
    var chunks = new ArrayList<ChunkId>();
    for (int i = 0; i < 3000; i++) {
      byte[] id = new byte[ChunkId.BYTES];
      random.nextBytes(id);
      int same = i % 3 * 8;
      Arrays.fill(id, 0, same, (byte) (i % 3 == 1 ? 0xff : 0));
      chunks.add(new ChunkId(id));
    }
    chunks.add(new ChunkId(new byte[ChunkId.BYTES]));
    byte[] highest = new byte[ChunkId.BYTES];
    Arrays.fill(highest, (byte) 0xff);
    chunks.add(new ChunkId(highest));
    List<IndexSegments.Pack> packs = List.of(stored(chunks));
    segments.write(packs);

    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
  }

  @Test
  void whereTheFileCannotBeReplacedTheReasonIsTold() throws Exception {
    segments.write(storedPacks(3, 10));
    Files.createDirectories(file().resolve("in the way"));

    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_FAILED))
        .hasMessageContaining("chunks");
  }

  @Test
  void moreChunksThanOneSortTakesAreFound() {
    List<IndexSegments.Pack> packs = storedPacks(6, 60_000);
    segments.write(packs);

    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
  }

  @Test
  void aRunBesideAnotherReadsTheFileAndLeavesItAlone() throws Exception {
    List<IndexSegments.Pack> old = storedPacks(5, 30);
    segments.write(old);
    try (LocalIndex holder = open()) {
      byte[] before = Files.readAllBytes(file());
      List<IndexSegments.Pack> added = storedPacks(5, 30);
      segments.write(added);

      try (LocalIndex beside = open()) {
        assertKnows(beside, old);
        assertKnows(beside, added);
        beside.journal().append(added.getFirst());
      }

      assertThat(Files.readAllBytes(file())).isEqualTo(before);
      assertThat(folder.resolve("index/journal")).doesNotExist();
      assertKnows(holder, old);
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsGoneWithout() throws Exception {
    List<IndexSegments.Pack> packs = storedPacks(5, 30);
    segments.write(packs);
    Files.writeString(folder.resolve("index"), "a file in the way");

    try (LocalIndex index = open()) {
      assertKnows(index, packs);
    }
  }

  private Path file() {
    return folder.resolve("index/chunks");
  }

  private LocalIndex.Place place() {
    return new LocalIndex.Place(folder.resolve("index"), folder.resolve("spool"), owner);
  }

  private LocalIndex open() {
    return open(store, id -> true);
  }

  private LocalIndex open(io.lifeboat.store.ObjectStore through, KnownPacks known) {
    var reading =
        new IndexSegments(through, new MessageSealer(new SecureRandom()), "domain", new byte[32]);
    return LocalIndex.open(place(), through, reading, known);
  }

  private List<IndexSegments.Pack> storedPacks(int count, int chunksEach) {
    var packs = new ArrayList<IndexSegments.Pack>();
    for (int i = 0; i < count; i++) {
      var chunks = new ArrayList<ChunkId>();
      for (int ordinal = 0; ordinal < chunksEach; ordinal++) {
        chunks.add(chunk());
      }
      packs.add(stored(chunks));
    }
    return packs;
  }

  private IndexSegments.Pack stored(List<ChunkId> chunks) {
    byte[] id = new byte[PackId.BYTES];
    random.nextBytes(id);
    PackKind kind = random.nextBoolean() ? PackKind.DATA : PackKind.METADATA;
    var ref = new PackRef(new PackId(id), kind, 10 + random.nextInt(50));
    var pack = new IndexSegments.Pack(ref, chunks);
    store.putIfAbsent(ref.objectName(), body(pack));
    return pack;
  }

  private static Body body(IndexSegments.Pack pack) {
    return new Body.Bytes(new byte[(int) pack.ref().sizeBytes()]);
  }

  private ChunkId chunk() {
    byte[] id = new byte[ChunkId.BYTES];
    random.nextBytes(id);
    return new ChunkId(id);
  }

  private static void assertKnows(LocalIndex index, List<IndexSegments.Pack> packs) {
    for (IndexSegments.Pack pack : packs) {
      for (int ordinal = 0; ordinal < pack.chunks().size(); ordinal++) {
        Optional<ChunkIndex.Location> found = index.find(pack.chunks().get(ordinal));
        assertThat(found).isPresent();
        assertThat(index.pack(found.get().pack())).isEqualTo(pack.ref());
        assertThat(found.get().ordinal()).isEqualTo(ordinal);
      }
    }
  }
}
