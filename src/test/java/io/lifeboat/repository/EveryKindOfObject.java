package io.lifeboat.repository;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A small repository that has lived through all that a repository can: an object of every kind, and
 * a log with an entry of every type.
 *
 * @param early the same before the first snapshot was forgotten
 * @param late the kit of a recipient who was added when most was stored
 * @param files of its snapshots, and of s1, which is forgotten
 */
record EveryKindOfObject(
    InMemoryStore store,
    InMemoryStore early,
    RepositoryFixture fixture,
    RecoveryKit late,
    Map<String, Map<String, byte[]>> files) {
  static final Set<String> LISTED = Set.of("s2", "s3");
  static final String DRILL = "01arz3ndektsv4rrffq69g5fav";

  /** Makes one; its node works in {@code spool}. */
  static EveryKindOfObject create(Path spool) {
    var random = new SecureRandom();
    var store = new InMemoryStore();
    RepositoryFixture fixture = RepositoryFixture.create(store, spool);
    Map<String, byte[]> first = SmallSnapshots.randomFiles(1, 3, 540_000);
    Map<String, byte[]> second = SmallSnapshots.randomFiles(2, 1, 540_000);
    second.put("file-1-000", first.get("file-1-000"));
    Map<String, byte[]> third = SmallSnapshots.randomFiles(3, 3, 20_000);
    third.put("file-1-000", first.get("file-1-000"));
    SmallSnapshots.write(fixture.writer(), "s1", first);
    SmallSnapshots.write(fixture.writer(), "s2", second);
    storeWal(fixture.writer());
    byte[] evidence =
        SignedText.sign(
            "evidence", "{\"schema\":\"lifeboat.evidence.v2\"}", fixture.service().writer());
    fixture
        .both()
        .evidence()
        .keep(
            "docs",
            new DrillSummary(DRILL, "s2", "PASS", "L3", Instant.parse("2026-02-01T00:00:00Z")),
            link -> evidence);
    Maintenance maintenance = fixture.writer().maintenance();
    for (String because : List.of("kept", "lost")) {
      maintenance.hold("s2", because);
      maintenance.release("s2");
    }
    repairedAfterALoss(store, fixture);
    var early = store.copy();

    SigningKey another = SigningKey.generate(random);
    Administration administration = fixture.reader().administration();
    administration.register(another.verifyKey(), "another", EnumSet.allOf(Role.class));
    administration.removeWriter(another.verifyKey().id());
    declaredVoid(store, fixture);
    prune(fixture, "s1");
    RecoveryKit late = fixture.kit().another(random, LocalDate.of(2026, 2, 1));
    administration.addReader(late.recipients().getFirst());
    SmallSnapshots.write(fixture.writer(), "s3", third);
    fixture.reader().rewrap().run(Progress.none());
    for (Verification.Depth depth : List.of(Verification.Depth.L1, Verification.Depth.L2)) {
      fixture
          .both()
          .verification()
          .run(new VerifyOrder(depth, new VerifyShare.Everything(), true), Progress.none());
    }
    store.putIfAbsent(
        Names.PROBE + "0123", new Body.Bytes("left".getBytes(StandardCharsets.US_ASCII)));
    return new EveryKindOfObject(
        store, early, fixture, late, Map.of("s1", first, "s2", second, "s3", third));
  }

  /** The beginning of a segment, the whole of the next, and where their timeline branched off. */
  private static void storeWal(Repository repository) {
    WalWriter wal = repository.walOf("docs", "7300000000000000001").writer();
    Instant at = Instant.parse("2026-02-01T00:00:00.000001Z");
    wal.storeHistory(2, "1\t0/5000000\tno recovery target\n".getBytes(StandardCharsets.US_ASCII));
    wal.store(new WalPiece(2, 5, 0, 700), new WalTimes(at, at), new byte[700]);
    wal.store(
        new WalPiece(2, 6, 0, 4096),
        new WalTimes(at, at),
        SmallSnapshots.randomFiles(6, 1, 4096).get("file-6-000"));
  }

  /** Forgets a snapshot and removes what it alone needs; where little of a pack is left, copies. */
  static void prune(RepositoryFixture fixture, String snapshot) {
    Maintenance maintenance = fixture.writer().maintenance();
    if (maintenance.history().stream().anyMatch(s -> s.info().id().equals(snapshot))) {
      maintenance.forget(List.of(snapshot));
    }
    maintenance.repack(0.5, Progress.none());
    maintenance.condemn(Duration.ZERO, maintenance.storeTime(), false, Set.of());
    maintenance.sweep(Duration.ZERO, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());
  }

  /** The newest entry but one is lost, and another one stands in its place. */
  private static void repairedAfterALoss(InMemoryStore store, RepositoryFixture fixture) {
    List<String> entries = store.list(Names.LOG).map(object -> object.name()).toList();
    store.delete(entries.get(entries.size() - 2));
    fixture.both().repair().run(false, Progress.none());
  }

  /** An old entry lies in the log once more, where it is none, and the kit says so. */
  private static void declaredVoid(InMemoryStore store, RepositoryFixture fixture) {
    String junk = Names.log(fixture.reader().context().log().read().next());
    store.putIfAbsent(junk, new Body.Bytes(store.get(Names.log(2))));
    fixture.both().repair().run(false, List.of(junk), Progress.none());
  }
}
