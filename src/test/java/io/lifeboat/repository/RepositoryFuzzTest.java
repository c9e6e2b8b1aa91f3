package io.lifeboat.repository;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.fuzz.Fuzz;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever bytes lie in a store: as anybody could change them, and, within seals and signatures, as
 * somebody could who has a writer's keys.
 */
@Tag("slow")
@Timeout(value = 30, unit = MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RepositoryFuzzTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final MessageSealer SEALER = new MessageSealer(RANDOM);

  @TempDir static Path folder;
  private static EveryKindOfObject everything;
  private static InMemoryStore store;
  private static RepositoryFixture fixture;
  private static RepositoryContext context;

  @BeforeAll
  static void liveThroughEverything() {
    everything = EveryKindOfObject.create(folder.resolve("every/spool"));
    store = everything.store();
    fixture = everything.fixture();
    context = fixture.both().context();
  }

  @Test
  void theFormat() throws Exception {
    byte[] object = store.get(Names.FORMAT);
    Fuzz.of("format", object)
        .naming("format")
        .run(1000, bytes -> FormatDocument.parse(bytes, fixture.kit().admin()));
    SigningKey admin = fixture.kit().requireAdmin();
    Fuzz.of("format, signed", payload(object))
        .run(
            500,
            bytes -> {
              var there = new InMemoryStore();
              there.putIfAbsent(Names.FORMAT, body(sign(FormatDocument.PURPOSE, bytes, admin)));
              fixture.through(there).onAnotherMachine(folder.resolve("format/spool")).writer();
            });
  }

  @Test
  void aLogWithAChangedEntry() throws Exception {
    Fuzz.of("log entries", entries().get(1))
        .andOf(entries())
        .run(
            700,
            bytes -> {
              var log = new InMemoryStore();
              log.putIfAbsent(Names.log(0), body(store.get(Names.log(0))));
              log.putIfAbsent(Names.log(1), body(bytes));
              CommitLog.View view =
                  new CommitLog(log, fixture.kit().admin(), Clock.systemUTC()).read();
              if (!view.problems().isEmpty()) {
                throw Failures.damaged(Names.log(1), String.join(";", view.problems()));
              }
            });
  }

  /** Every type of entry, signed by who may, and what the rest of the program makes of it. */
  @Test
  void aLogWithAnEntryThatAWriterMadeUp() throws Exception {
    List<byte[]> payloads = new ArrayList<>();
    for (byte[] entry : entries()) {
      payloads.add(payload(entry));
    }
    long next = entries().size();
    String previous = Hashes.sha256Hex(store.get(Names.log(next - 1)));
    List<byte[]> bodies =
        payloads.stream()
            .map(bytes -> Json.read(text(bytes), LogEntry.class, "an entry").body())
            .map(record -> bytes(Json.write(record)))
            .toList();
    SigningKey admin = fixture.kit().requireAdmin();
    var release = new LogRecord.Release("s2");
    String frame =
        Json.write(new LogEntry(next, previous, Instant.EPOCH, admin.verifyKey().id(), release));
    int at = frame.indexOf("\"body\":") + "\"body\":".length();
    Fuzz.of("log entries, signed", bytes(Json.write(release)))
        .andOf(bodies)
        .run(
            100,
            bytes -> {
              InMemoryStore there = store.copy();
              String entry = frame.substring(0, at) + line(bytes) + "}";
              there.putIfAbsent(
                  Names.log(next), body(SignedText.sign(LogEntry.PURPOSE, entry, admin)));
              everybodyLooksAt(there);
            });
  }

  private static void everybodyLooksAt(InMemoryStore there) throws IOException {
    Path machine = Files.createTempDirectory(folder, "made-up");
    RepositoryFixture elsewhere = fixture.through(there).onAnotherMachine(machine.resolve("spool"));
    Optional<LifeboatException> refusal = Optional.empty();
    List<Runnable> looks =
        List.of(
            () -> elsewhere.reader().requireSound(),
            () -> elsewhere.writer().maintenance().history(),
            () -> elsewhere.reader().administration().writers(),
            () -> elsewhere.reader().administration().recipients(),
            () -> elsewhere.reader().evidence().find(EveryKindOfObject.DRILL),
            () -> elsewhere.reader().rewrap().run(Progress.none()),
            () ->
                elsewhere
                    .reader()
                    .snapshots()
                    .forEach(s -> elsewhere.reader().read(s.id()).close()),
            () ->
                elsewhere
                    .reader()
                    .verification()
                    .run(Verification.Depth.L0, Progress.none())
                    .problems());
    for (Runnable look : looks) {
      try {
        look.run();
      } catch (LifeboatException e) {
        refusal = Optional.of(e);
      }
    }
    refusal.ifPresent(e -> {
      throw e;
    });
  }

  @Test
  void attestations() throws Exception {
    List<byte[]> objects = objects(Names.ATTESTATIONS);
    String name = names(Names.ATTESTATIONS).getLast();
    SigningKey writer = fixture.service().writer();
    Fuzz.of("attestations", store.get(name)).andOf(objects).run(120, bytes -> attest(name, bytes));
    Fuzz.of("attestations, signed", payload(store.get(name)))
        .andOf(objects.stream().map(RepositoryFuzzTest::payload).toList())
        .run(120, bytes -> attest(name, sign(Attestation.PURPOSE, bytes, writer)));
  }

  private static void attest(String name, byte[] bytes) throws IOException {
    InMemoryStore there = store.copy();
    there.overwrite(name, bytes);
    VerifyReport report =
        fixture
            .through(there)
            .onAnotherMachine(Files.createTempDirectory(folder, "attested").resolve("spool"))
            .reader()
            .verification()
            .run(Verification.Depth.L0, Progress.none());
    if (!report.warnings().isEmpty() || !report.problems().isEmpty()) {
      throw Failures.damaged(name, report.toString());
    }
  }

  @Test
  void packs() throws Exception {
    PackRef pack =
        fixture.footers().keySet().stream()
            .filter(ref -> ref.kind() == PackKind.METADATA)
            .findFirst()
            .orElseThrow();
    byte[] good = store.get(pack.objectName());
    var reader = new PackIndexReader(context);
    Fuzz.of("packs", good)
        .naming(pack.objectName())
        .run(500, bytes -> reader.open(new PackRef(pack.id(), pack.kind(), bytes.length), bytes));
    Fuzz.of("slots of a pack", PackLayout.slots(reader.open(pack).slots()))
        .naming("a pack")
        .run(2000, bytes -> PackLayout.parseSlots(bytes, "a pack"));
    Fuzz.of("footers", PackLayout.footer(reader.open(pack).entries()))
        .naming("a pack")
        .run(2000, bytes -> PackLayout.parseFooter(bytes, 2, "a pack"));
  }

  /** A chunk's bytes are its writer's: the decompressor must bear what it is given. */
  @Test
  void chunks() throws Exception {
    var chunks = new ChunkSealer(SEALER);
    byte[] key = new byte[32];
    var id = new ChunkId(new byte[32]);
    byte[] plain = new byte[100_000];
    ChunkSealer.Sealed sealed = chunks.seal(key, ChunkType.DATA, id, plain, plain.length);
    Fuzz.of("chunks", sealed.message())
        .run(
            2000,
            bytes -> chunks.open(key, ChunkType.DATA, sealed.codec(), id, bytes, plain.length));
    byte[] chunkContext =
        new Encoder()
            .raw("lifeboat chunk v1".getBytes(StandardCharsets.US_ASCII))
            .u8(ChunkType.DATA.number())
            .u8(sealed.codec().number())
            .raw(id.bytes())
            .done();
    Fuzz.of("chunks, sealed", SEALER.open(key, chunkContext, sealed.message()))
        .run(
            2000,
            bytes ->
                chunks.open(
                    key,
                    ChunkType.DATA,
                    sealed.codec(),
                    id,
                    SEALER.seal(key, chunkContext, bytes, 0, bytes.length),
                    plain.length));
  }

  @Test
  void indexSegments() throws Exception {
    IndexSegments segments = fixture.segments();
    String domain = names(Names.INDEX).getFirst().split("/", 3)[1];
    byte[] key =
        fixture
            .service()
            .domainKey(context.format().repository(), RepositoryFixture.order("any").source())
            .indexKey();
    byte[] contextOfIndex = "lifeboat index v1".getBytes(StandardCharsets.US_ASCII);
    Fuzz.of("index segments", objects(Names.INDEX))
        .naming(domain)
        .run(1000, bytes -> segments.parse(bytes, "x/" + domain + "/0"));
    List<byte[]> plain =
        objects(Names.INDEX).stream().map(o -> SEALER.open(key, contextOfIndex, o)).toList();
    Fuzz.of("index segments, sealed", plain)
        .naming(domain)
        .run(
            2000,
            bytes ->
                segments.parse(
                    SEALER.seal(key, contextOfIndex, bytes, 0, bytes.length),
                    "x/" + domain + "/0"));
    byte[] journal = objects(Names.INDEX).getFirst();
    byte[] record =
        new Encoder()
            .raw(HexFormat.of().parseHex("%08x".formatted(journal.length)))
            .raw(journal)
            .done();
    Path file = folder.resolve("journal");
    Fuzz.of("journals", new Encoder().raw(record).raw(record).done())
        .run(
            1000,
            bytes -> {
              Files.write(file, bytes);
              if (new RunJournal(Optional.of(file), segments).packs().isEmpty()) {
                throw Failures.damaged("journal", "nothing is left of it");
              }
            });
  }

  @Test
  void treesRootsAndReferences() throws Exception {
    try (SnapshotReader reader = fixture.reader().read("s3")) {
      List<Node> nodes = reader.list(reader.root().tree());
      Fuzz.of("listings", TreeCodec.listing(nodes))
          .naming("a listing")
          .run(3000, bytes -> TreeCodec.parseListing(bytes, "a listing"));
      var file = (Node.RegularFile) nodes.getFirst();
      byte[] content = CachedContent.encode(new StoredContent(file.content(), file.sha256()));
      Fuzz.of("cached contents", content).run(2000, CachedContent::decode);
    }
    LogRecord.Snapshot entry = fixture.entry("s3");
    SnapshotPacks.Last last = SnapshotPacks.last(context, new PackIndexReader(context), entry);
    Fuzz.of("root records", last.chunk(entry.root()))
        .naming("a root")
        .run(2000, bytes -> RootCodec.decode(bytes, "a root"));
    Fuzz.of("reference lists", SnapshotPacks.references(last, entry).encode())
        .naming("a list")
        .run(2000, bytes -> References.decode(bytes, "a list"));
  }

  @Test
  void summaries() throws Exception {
    byte[] key = new byte[32];
    SnapshotInfo info = fixture.reader().snapshots().getFirst();
    Fuzz.of("summaries, sealed", bytes(Json.write(info)))
        .naming("s3")
        .run(
            3000,
            bytes -> {
              byte[] bound = bytes("lifeboat summary v1 s3");
              String sealed = SealedText.encode(SEALER.seal(key, bound, bytes, 0, bytes.length));
              Summaries.open(SEALER, key, "s3", sealed, SnapshotInfo.class);
            });
  }

  /** Only what has a right checksum gets as far as being used. */
  @Test
  void theLocalIndex() throws Exception {
    Path kept;
    try (Stream<Path> files = Files.walk(folder.resolve("every"))) {
      kept = files.filter(file -> file.endsWith("chunks")).findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(kept);
    byte[] owner = java.util.Arrays.copyOfRange(good, Long.BYTES, Long.BYTES + 32);
    Path file = folder.resolve("chunks");
    Fuzz.of("local indexes", good)
        .run(
            1000,
            bytes -> {
              Files.write(file, bytes);
              look(file, owner);
            });
    Fuzz.of("local indexes, with a checksum", good)
        .run(
            2000,
            bytes -> {
              int end = Math.max(0, bytes.length - Integer.BYTES);
              var checksum = new CRC32C();
              checksum.update(bytes, 0, end);
              byte[] whole =
                  new Encoder()
                      .raw(java.util.Arrays.copyOf(bytes, end))
                      .raw(HexFormat.of().parseHex("%08x".formatted((int) checksum.getValue())))
                      .done();
              Files.write(file, whole);
              look(file, owner);
            });
  }

  private static void look(Path file, byte[] owner) {
    try (IndexFile index = IndexFile.open(file, owner)) {
      var usable = new BitSet();
      for (int number = 0; number < index.packs(); number++) {
        usable.set(number);
        index.numberOf(index.pack(number));
      }
      for (byte[] id : List.of(new byte[32], HexFormat.of().parseHex("ff".repeat(32)))) {
        index.find(new ChunkId(id), usable::get);
        index.holdsSegment(id);
      }
      if (index.packs() == 0) {
        throw Failures.damaged("chunks", "it was ignored");
      }
    }
  }

  @Test
  void whatFuzzingHasFoundBeforeStaysRefused() {
    String writer = "{\"type\":\"repaired\",\"next\":\"\",\"writers\":[\"lifeboat-verify-1x\"]}";
    assertThatThrownBy(() -> Json.read(writer, LogRecord.class, "log/1"))
        .isInstanceOf(LifeboatException.class);
    String condemned = "{\"type\":\"condemn\",\"packs\":[null]}";
    assertThatThrownBy(() -> Json.read(condemned, LogRecord.class, "log/1"))
        .isInstanceOf(LifeboatException.class);
    String format = text(payload(store.get(Names.FORMAT)));
    String noHash = format.replaceFirst("\"README.txt\":\"[0-9a-f]{64}\"", "\"README.txt\":null");
    assertThat(noHash).isNotEqualTo(format);
    assertThatThrownBy(() -> Json.read(noHash, FormatDocument.class, Names.FORMAT))
        .isInstanceOf(LifeboatException.class);
  }

  private static byte[] sign(String purpose, byte[] payload, SigningKey key) {
    return SignedText.sign(purpose, line(payload), key);
  }

  /** A payload is a line of well-formed text, and not empty: more cannot be signed. */
  private static String line(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8).replace('\n', ' ');
    return text.isEmpty() ? " " : text;
  }

  private static byte[] payload(byte[] document) {
    return bytes(SignedText.parse(document).payload());
  }

  private static Body body(byte[] bytes) {
    return new Body.Bytes(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static List<byte[]> entries() {
    return objects(Names.LOG);
  }

  private static List<byte[]> objects(String prefix) {
    return names(prefix).stream().map(store::get).toList();
  }

  private static List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
