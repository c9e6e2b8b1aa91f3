package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  private static final VerifyShare ALL = new VerifyShare.Everything();

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final Map<String, byte[]> files = SmallSnapshots.randomFiles(1, 6, 900_000);
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @Test
  void aTreeThatNamesMoreOfAChunkThanThereIsIsNamed() {
    wrongTree("s1", 1);
    assertThat(verify(Verification.Depth.L2).problems())
        .singleElement()
        .asString()
        .contains("snapshot s1", "sub/file", "more of chunk");
    assertThat(verify(Verification.Depth.L1).problems()).isEmpty();
  }

  @Test
  void aTreeThatNamesAChunkWhichNoPackHasIsNamed() {
    SmallSnapshots.write(fixture.writer(), "good", files);
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s1"))) {
      var nowhere = new Extent.Data(new ChunkId(new byte[32]), 0, 10);
      commit(writer, new Content.Inline(10, List.of(nowhere)));
    }
    assertThat(verify(Verification.Depth.L2).problems())
        .singleElement()
        .asString()
        .contains("snapshot s1", "sub/file", "no pack that is left has its chunk");
  }

  @Test
  void aMissingPackIsNamedWithTheFilesThatItHits() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    String pack = names("p/d/").getFirst();
    store.delete(pack);
    List<String> problems = verify(Verification.Depth.L2).problems();
    assertThat(problems).anyMatch(problem -> problem.startsWith(pack));
    assertThat(problems).anyMatch(problem -> problem.contains("snapshot s1: file-1-00"));
  }

  @Test
  void successiveSubsetsReadEveryPackWithinTheirNumber() {
    for (int n = 0; n < 12; n++) {
      SmallSnapshots.write(fixture.writer(), "s" + n, SmallSnapshots.randomFiles(n, 1, 100_000));
    }
    int packs = names("p/").size();
    assertThat(packs).isGreaterThan(20);
    var share = new VerifyShare.Fraction(0.2);
    long verified = 0;
    long oldest = Long.MAX_VALUE;
    for (int run = 0; run < 5; run++) {
      VerifyReport report = attested(Verification.Depth.L1, share, Instant.now());
      assertThat(report.problems()).isEmpty();
      assertThat(report.coverage().packsVerified()).isLessThan(packs / 2);
      verified += report.coverage().packsVerified();
      if (run < 3) {
        // The last packs of a run may be more than its share: the fourth may have read the last.
        assertThat(report.coverage().oldestUnverifiedDays()).isEqualTo(epochDays());
      }
      oldest = report.coverage().oldestUnverifiedDays();
    }
    assertThat(oldest).isZero();
    assertThat(verified).isGreaterThanOrEqualTo(packs);
  }

  @Test
  void whatLevelOneReadIsNotReadForLevelTwo() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    attested(Verification.Depth.L1, ALL, Instant.now());
    var share = new VerifyShare.Fraction(0.0001);
    assertThat(attested(Verification.Depth.L2, share, Instant.now()).coverage())
        .satisfies(coverage -> {
          assertThat(coverage.packsVerified()).isEqualTo(1);
          assertThat(coverage.oldestUnverifiedDays()).isEqualTo(epochDays());
        });
  }

  @Test
  void aWindowIsKeptByDailyRuns() {
    for (int n = 0; n < 10; n++) {
      SmallSnapshots.write(fixture.writer(), "s" + n, SmallSnapshots.randomFiles(n, 1, 50_000));
    }
    var window = new VerifyShare.Window(Duration.ofDays(7));
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    int packs = names("p/").size();
    // Nothing is known before the first run: it reads all.
    assertThat(attested(Verification.Depth.L1, window, start).coverage().packsVerified())
        .isEqualTo(packs);
    long most = 0;
    for (int day = 1; day <= 30; day++) {
      VerifyReport report =
          attested(Verification.Depth.L1, window, start.plus(Duration.ofDays(day)));
      assertThat(report.coverage().oldestUnverifiedDays()).isLessThan(7);
      most = Math.max(most, report.coverage().packsVerified());
    }
    assertThat(most).isBetween(1L, packs / 2L);
    // A month without a run: what is due is read at once.
    VerifyReport late = attested(Verification.Depth.L1, window, start.plus(Duration.ofDays(60)));
    assertThat(late.coverage().packsVerified()).isEqualTo(packs);
  }

  @Test
  void aPackWithAProblemIsNotAttested() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    String pack = names("p/d/").getFirst();
    byte[] bad = store.get(pack);
    bad[200] ^= 4;
    store.overwrite(pack, bad);
    VerifyReport report = attested(Verification.Depth.L1, ALL, Instant.now());
    assertThat(report.problems()).singleElement().asString().contains(pack);
    assertThat(report.coverage().packsVerified()).isEqualTo(names("p/").size() - 1);
    assertThat(report.coverage().oldestUnverifiedDays()).isEqualTo(epochDays());
  }

  @Test
  void anAttestationThatWasTamperedWithOrIsForeignIsIgnoredWithAWarning() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    attested(Verification.Depth.L1, ALL, Instant.now());
    String name = names("a/").getFirst();
    byte[] good = store.get(name);
    var share = new VerifyShare.Fraction(0.0001);
    for (int at = 0; at < good.length; at += 37) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      store.overwrite(name, bad);
      VerifyReport report =
          fixture
              .writer()
              .verification()
              .run(new VerifyOrder(Verification.Depth.L1, share, false), Progress.none());
      assertThat(report.warnings()).singleElement().asString().contains(name);
      assertThat(report.problems()).isEmpty();
      assertThat(report.coverage().oldestUnverifiedDays()).isEqualTo(epochDays());
    }
    store.delete(name);
    String renamed = "a/00" + name.substring(4);
    store.putIfAbsent(renamed, new Body.Bytes(good));
    var foreign = new InMemoryStore();
    RepositoryFixture other = RepositoryFixture.create(foreign, folder.resolve("other/spool"));
    other
        .writer()
        .verification()
        .run(new VerifyOrder(Verification.Depth.L1, ALL, true), Progress.none());
    String stranger = foreign.list("a/").findFirst().orElseThrow().name();
    store.putIfAbsent(stranger, new Body.Bytes(foreign.get(stranger)));
    assertThat(verify(Verification.Depth.L1).warnings())
        .hasSize(2)
        .anyMatch(warning -> warning.contains(renamed))
        .anyMatch(warning -> warning.contains(stranger));
  }

  @Test
  void anOldAttestationByAWriterThatWasRemovedIsNothingToWarnOf() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    fixture
        .writer()
        .verification()
        .run(new VerifyOrder(Verification.Depth.L1, ALL, true), Progress.none());
    attested(Verification.Depth.L1, ALL, Instant.now().plusSeconds(60));
    fixture.reader().administration().removeWriter(fixture.service().writer().verifyKey().id());
    assertThat(verify(Verification.Depth.L1).warnings()).isEmpty();

    // Nobody goes by it, but its bytes are still looked at.
    String oldest = names("a/").getFirst();
    byte[] bad = store.get(oldest);
    bad[40] ^= 1;
    store.overwrite(oldest, bad);
    assertThat(verify(Verification.Depth.L1).warnings())
        .singleElement()
        .asString()
        .contains(oldest);
  }

  @Test
  void whatAWriterAttestedThatWasRemovedSinceDoesNotCount() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    var share = new VerifyShare.Fraction(0.0001);
    fixture
        .writer()
        .verification()
        .run(new VerifyOrder(Verification.Depth.L1, ALL, true), Progress.none());
    var little = new VerifyOrder(Verification.Depth.L1, share, false);
    assertThat(fixture.reader().verification().run(little, Progress.none()))
        .satisfies(report -> {
          assertThat(report.warnings()).isEmpty();
          assertThat(report.coverage().oldestUnverifiedDays()).isZero();
        });

    String writer = fixture.service().writer().verifyKey().id();
    fixture.reader().administration().removeWriter(writer);

    assertThat(fixture.reader().verification().run(little, Progress.none()))
        .satisfies(report -> {
          assertThat(report.warnings()).singleElement().asString().contains(names("a/").getFirst());
          assertThat(report.coverage().oldestUnverifiedDays()).isEqualTo(epochDays());
        });
  }

  @Test
  void aLogThatWasCutOffIsNoticedByThisNodeAndByAttestations() {
    SmallSnapshots.write(fixture.writer(), "s1", files);
    SmallSnapshots.write(fixture.writer(), "s2", files);
    attested(Verification.Depth.L1, ALL, Instant.now());
    String newest = names("log/").getLast();
    byte[] entry = store.get(newest);
    store.delete(newest);
    assertThat(fixture.writer().listing().problems())
        .singleElement()
        .asString()
        .contains(newest, "rolled");

    RepositoryFixture elsewhere = fixture.onAnotherMachine(folder.resolve("elsewhere/spool"));
    assertThat(elsewhere.writer().listing().problems()).isEmpty();
    assertThat(
            elsewhere
                .reader()
                .verification()
                .run(Verification.Depth.L0, Progress.none())
                .problems())
        .singleElement()
        .asString()
        .contains(newest, "rolled back", "attestation");

    // A log that went another way since then.
    SmallSnapshots.write(elsewhere.writer(), "s3", files);
    assertThat(fixture.writer().listing().problems())
        .singleElement()
        .asString()
        .contains(newest, "replaced");
    store.overwrite(newest, entry);
    assertThat(fixture.writer().listing().problems()).isEmpty();
  }

  @Test
  void concurrentChecksHoldNoMoreThanAThirdOfTheHeap() {
    long third = Runtime.getRuntime().maxMemory() / 3;
    var held = new java.util.concurrent.atomic.AtomicLong();
    var most = new java.util.concurrent.atomic.AtomicLong();
    var objects =
        java.util.stream.LongStream.range(0, 40)
            .mapToObj(n -> new ObjectInfo("p" + n, third / 3, Instant.EPOCH))
            .toList();
    Set<String> seen = java.util.Collections.synchronizedSet(new HashSet<>());
    new BoundedWork(16)
        .each(
            objects,
            "test",
            object -> {
              most.accumulateAndGet(held.addAndGet(object.sizeBytes()), Math::max);
              seen.add(object.name());
              Thread.yield();
              held.addAndGet(-object.sizeBytes());
            });
    assertThat(seen).hasSize(40);
    assertThat(most.get()).isBetween(third / 3, third);
  }

  private static long epochDays() {
    return Duration.between(Instant.EPOCH, Instant.now()).toDays();
  }

  /** A snapshot whose only file claims more bytes of its chunk than there are. */
  private void wrongTree(String id, int tooMany) {
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order(id))) {
      ContentWriter content = writer.content(Chunking.CONTENT, 900_000);
      byte[] bytes = files.get("file-1-000");
      content.write(bytes, 0, bytes.length);
      CompletableFuture<Content> wrong =
          content
              .finish()
              .thenApply(stored -> {
                var extents =
                    new java.util.ArrayList<>(((Content.Inline) stored.content()).extents());
                Extent.Data last = (Extent.Data) extents.removeLast();
                long length = last.lengthBytes() + tooMany;
                extents.add(new Extent.Data(last.chunk(), last.offsetBytes(), length));
                return new Content.Inline(stored.content().sizeBytes() + tooMany, extents);
              });
      commit(writer, wrong);
    }
  }

  private static void commit(SnapshotWriter writer, Content content) {
    commit(writer, CompletableFuture.completedFuture(content));
  }

  private static void commit(SnapshotWriter writer, CompletableFuture<Content> content) {
    var file =
        content.thenApply(c ->
            new Node.RegularFile(
                FileName.of("file"), SmallSnapshots.PLAIN, c, Optional.of(new byte[32]), 0));
    var sub = writer.directory(FileName.of("sub"), SmallSnapshots.PLAIN, List.of(file));
    writer.commit(
        "{}",
        writer.directory(FileName.of("root"), SmallSnapshots.PLAIN, List.of(sub)),
        new SnapshotWriter.Totals(1, 1));
  }

  private VerifyReport verify(Verification.Depth depth) {
    return fixture.reader().verification().run(depth, Progress.none());
  }

  private VerifyReport attested(Verification.Depth depth, VerifyShare share, Instant at) {
    return fixture
        .reader(Clock.fixed(at, ZoneOffset.UTC))
        .verification()
        .run(new VerifyOrder(depth, share, true), Progress.none());
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
