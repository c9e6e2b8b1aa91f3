package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.FaultyStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipientsTest {
  private static final Attributes PLAIN =
      new Attributes(0644, 1000, 1000, "ada", "staff", Instant.parse("2026-01-30T10:11:12Z"));

  private final SecureRandom random = new SecureRandom();
  private final InMemoryStore store = new InMemoryStore();

  @TempDir Path folder;
  private RepositoryFixture fixture;
  private Administration administration;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    administration = fixture.reader().administration();
  }

  @Test
  void anIdentityThatCameLaterReadsEverythingAfterARewrapKilledAtEveryPut() {
    byte[] shared = bytes(1, 900_000);
    abandon(bytes(2, 700_000));
    backUp("s1", bytes(2, 700_000));
    backUp("s2", shared);
    RecoveryKit late = fixture.kit().another(random, LocalDate.of(2026, 2, 1));
    administration.addReader(late.recipients().getFirst());
    backUp("s3", shared);

    int kills = 0;
    boolean done = false;
    while (!done) {
      // Odd kills take effect and lose the answer.
      FaultyStore.Fault fault =
          kills % 2 == 0
              ? FaultyStore.Fault.unreachable()
              : new FaultyStore.Fault.TimeOutAfterSuccess();
      var faulty =
          new FaultyStore(store).queue(FaultyStore.Method.PUT, new FaultyStore.Fault.Pass(), fault);
      try {
        Rewrap.Result result = fixture.through(faulty).reader().rewrap().run(Progress.none());
        assertThat(result.problems()).isEmpty();
        done = true;
      } catch (LifeboatException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
        kills++;
      }
    }

    // Two for the domain, two for each of four sessions: s1 uses packs of the one that was
    // abandoned.
    assertThat(names(Names.KEYS)).hasSize(2 + 4 * 2);
    assertThat(kills).isGreaterThan(4);
    Repository reader = fixture.reader(late);
    assertThat(reader.snapshots()).hasSize(3);
    assertThat(read(reader, "s1")).isEqualTo(bytes(2, 700_000));
    assertThat(read(reader, "s2")).isEqualTo(shared);
    assertThat(read(reader, "s3")).isEqualTo(shared);
    assertThat(reader.verification().run(Verification.Depth.L2, Progress.none()).problems())
        .isEmpty();
    assertThat(fixture.reader().rewrap().run(Progress.none()).envelopes()).isZero();
  }

  @Test
  void withoutARewrapALateIdentityIsToldWhatItLacks() {
    backUp("s1", bytes(1, 1000));
    RecoveryKit late = fixture.kit().another(random, LocalDate.of(2026, 2, 1));
    administration.addReader(late.recipients().getFirst());

    assertThatThrownBy(() -> fixture.reader(late).read("s1"))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH);
              assertThat(e.hint()).contains("lifeboat rewrap");
            });
  }

  @Test
  void aRecipientThatWasRemovedCannotOpenWhatIsSealedAfterwards() {
    backUp("s1", bytes(1, 1000));
    XWingIdentity leaked = fixture.kit().identities().getFirst();
    RecoveryKit thief = only(leaked);
    administration.removeRecipient(leaked.recipient().fingerprint());

    backUp("s2", bytes(2, 1000));
    fixture.reader().rewrap().run(Progress.none());

    assertThat(read(fixture.reader(thief), "s1")).isEqualTo(bytes(1, 1000));
    assertThatThrownBy(() -> fixture.reader(thief).read("s2"))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
    RecoveryKit kept = only(fixture.kit().identities().getLast());
    assertThat(read(fixture.reader(kept), "s2")).isEqualTo(bytes(2, 1000));
  }

  @Test
  void recipientsThatTheAdminKeyDidNotSignChangeNothing() {
    XWingIdentity stranger = XWingIdentity.generate(random);
    var log = new CommitLog(store, fixture.kit().admin(), Clock.systemUTC());
    SigningKey writer = fixture.service().writer();
    CommitLog.View view = log.read();
    var entry =
        new LogEntry(
            view.next(),
            view.tip(),
            Instant.now(Clock.systemUTC()),
            writer.verifyKey().id(),
            new LogRecord.Recipients(List.of(stranger.recipient().text()), List.of()));
    store.putIfAbsent(Names.log(view.next()), new io.lifeboat.store.Body.Bytes(entry.sign(writer)));

    backUp("s1", bytes(1, 1000));

    assertThatThrownBy(() -> fixture.reader(only(stranger)).read("s1"))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
    assertThat(administration.recipients().recovery()).isEqualTo(fixture.kit().recipients());
  }

  @Test
  void aNodeWhoseKeyNamesRecipientsThatNeverWereRefusesToWrite() {
    XWingIdentity other = XWingIdentity.generate(random);
    ServiceKey ours = fixture.service();
    var foreign =
        new ServiceKey(
            ours.writer(),
            ours.maintenance(),
            ours.domainRoot(),
            ours.admin(),
            List.of(other.recipient()));

    assertThatThrownBy(() -> fixture.node(foreign))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));

    administration.addReader(other.recipient());
    fixture.kit().recipients().forEach(r -> administration.removeRecipient(r.fingerprint()));
    assertThat(fixture.node(foreign).snapshots()).isEmpty();
  }

  @Test
  void aStoreThatHidesTheEntryANodeWasMadeForIsNoticedByThatNode() {
    XWingIdentity other = XWingIdentity.generate(random);
    administration.addReader(other.recipient());
    ServiceKey node =
        ServiceKey.writerOnly(
            random, fixture.kit().admin(), administration.recipients().recovery());
    assertThat(fixture.node(node).listing().problems()).isEmpty();

    store.delete(Names.log(2));

    assertThatThrownBy(() -> fixture.node(node))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
  }

  @Test
  void aNodeThatOnlyWritesBacksUpAndOneThatOnlyMaintainsLists() {
    ServiceKey writer =
        ServiceKey.writerOnly(random, fixture.kit().admin(), fixture.kit().recipients());
    ServiceKey maintainer =
        ServiceKey.maintenanceOnly(random, fixture.kit().admin(), fixture.kit().recipients());
    administration.register(writer.writer().verifyKey(), "writer", Set.of(Role.WRITE));
    administration.register(maintainer.writer().verifyKey(), "keeper", Set.of(Role.MAINTAIN));
    administration.addMaintainer(maintainer.requireMaintenance().recipient());

    backUp(fixture.node(writer), "s1", bytes(1, 1000));

    assertThat(fixture.node(maintainer).snapshots()).hasSize(1);
    assertThat(read(fixture.reader(), "s1")).isEqualTo(bytes(1, 1000));
    assertMissing(() -> fixture.node(writer).snapshots(), "only writes");
    assertMissing(
        () -> fixture.node(maintainer).begin(RepositoryFixture.order("s2")), "only maintains");
    assertThat(administration.writers())
        .extracting(Administration.Writer::roles)
        .containsExactly(EnumSet.allOf(Role.class), Set.of(Role.WRITE), Set.of(Role.MAINTAIN));
  }

  @Test
  void aMaintenanceIdentityThatCameLaterListsWhatWasBeforeAfterARewrap() {
    backUp("s1", bytes(1, 1000));
    ServiceKey maintainer =
        ServiceKey.maintenanceOnly(random, fixture.kit().admin(), fixture.kit().recipients());
    administration.register(maintainer.writer().verifyKey(), "keeper", Set.of(Role.MAINTAIN));
    administration.addMaintainer(maintainer.requireMaintenance().recipient());

    fixture.reader().rewrap().run(Progress.none());

    Repository node = fixture.node(maintainer);
    assertThat(node.snapshots()).hasSize(1);
    assertThat(node.verification().run(Verification.Depth.L1, Progress.none()).problems())
        .isEmpty();
    // One summary key and one footer key, and nothing that reads contents.
    assertThat(names(Names.KEYS)).hasSize(2).allMatch(name -> name.matches(".*\\.[sf]"));
  }

  @Test
  void nobodyIsNamedTwiceAndSomebodyCanAlwaysRead() {
    List<io.lifeboat.crypto.XWingRecipient> readers = fixture.kit().recipients();
    assertUsage(() -> administration.addReader(readers.getFirst()));
    assertUsage(() -> administration.addReader(fixture.service().requireMaintenance().recipient()));
    assertUsage(() -> administration.removeRecipient("0123456789abcdef"));
    assertUsage(() -> administration.removeWriter("0123456789abcdef"));
    administration.removeRecipient(readers.getFirst().fingerprint());
    assertUsage(() -> administration.removeRecipient(readers.getLast().fingerprint()));
    assertThat(administration.recipients().recovery()).containsExactly(readers.getLast());
  }

  @Test
  void withoutTheAdminKeyNothingIsChanged() {
    RecoveryKit reading = fixture.kit().another(random, LocalDate.of(2026, 2, 1));
    Administration theirs = fixture.reader(reading).administration();

    assertThatThrownBy(() -> theirs.addReader(reading.recipients().getFirst()))
        .hasMessageContaining("reads only");
    assertThatThrownBy(() -> theirs.removeWriter(fixture.service().writer().verifyKey().id()))
        .hasMessageContaining("reads only");
    assertThat(names(Names.LOG)).hasSize(2);
  }

  private RecoveryKit only(XWingIdentity identity) {
    return new RecoveryKit(
        List.of(identity),
        fixture.kit().admin(),
        Optional.empty(),
        List.of(),
        LocalDate.of(2026, 2, 1));
  }

  private static void assertUsage(org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE_INVALID));
  }

  private static void assertMissing(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable work, String why) {
    assertThatThrownBy(work)
        .hasMessageContaining(why)
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_KEY_MISSING));
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> objects = store.list(prefix)) {
      return objects.map(ObjectInfo::name).toList();
    }
  }

  private static byte[] bytes(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A run that stores its packs and their index, and dies before its last metadata packs. */
  private void abandon(byte[] bytes) {
    var dies =
        new FaultyStore(store)
            .queue(
                FaultyStore.Method.PUT,
                new FaultyStore.Fault.Pass(),
                new FaultyStore.Fault.Pass(),
                new FaultyStore.Fault.Pass(),
                new FaultyStore.Fault.Pass(),
                FaultyStore.Fault.full());
    assertThatThrownBy(() -> backUp(fixture.through(dies).writer(), "dead", bytes))
        .hasMessageContaining("full");
    assertThat(names(Names.INDEX)).hasSize(1);
  }

  private void backUp(String id, byte[] bytes) {
    backUp(fixture.writer(), id, bytes);
  }

  private static void backUp(Repository repository, String id, byte[] bytes) {
    try (SnapshotWriter writer = repository.begin(RepositoryFixture.order(id))) {
      ContentWriter content = writer.content(Chunking.CONTENT, bytes.length);
      content.write(bytes, 0, bytes.length);
      var file =
          content
              .finish()
              .thenApply(stored ->
                  new Node.RegularFile(
                      FileName.of("file"), PLAIN, stored.content(), stored.sha256(), 0));
      writer.commit(
          "{}",
          writer.directory(FileName.of("root"), PLAIN, List.of(file)),
          new SnapshotWriter.Totals(bytes.length, 1));
    }
  }

  private static byte[] read(Repository repository, String id) {
    try (SnapshotReader reader = repository.read(id)) {
      var file = (Node.RegularFile) reader.list(reader.root().tree()).getFirst();
      var bytes = new ByteArrayOutputStream();
      try (ContentSequence contents = reader.read(List.of(file).iterator())) {
        ContentReader content = contents.next();
        for (var piece = content.next(); piece.isPresent(); piece = content.next()) {
          switch (piece.get()) {
            case ContentReader.Piece.Data data -> {
              byte[] part = new byte[data.bytes().remaining()];
              data.bytes().get(part);
              bytes.writeBytes(part);
            }
            case ContentReader.Piece.Hole hole ->
                bytes.writeBytes(new byte[(int) hole.lengthBytes()]);
          }
        }
      }
      return bytes.toByteArray();
    }
  }
}
