package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a repair must not do. Entries at first: 0 genesis, 1 writer. */
class RepairLimitsTest {
  private static final Map<String, byte[]> FILES = SmallSnapshots.randomFiles(1, 1, 20_000);

  @TempDir Path folder;
  private final SecureRandom random = new SecureRandom();
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @Test
  void aLostWriterEntryComesBackWithTheRolesThatTheKeyFileShows() {
    ServiceKey node =
        ServiceKey.writerOnly(random, fixture.kit().admin(), fixture.kit().recipients());
    long lost = register(node, Set.of(Role.WRITE));
    SmallSnapshots.write(fixture.node(node), "s1", FILES);
    store.delete(Names.log(lost));

    RepairReport report = repairWith(node);

    assertThat(report.problems()).isEmpty();
    assertThat(roles(node)).containsExactly(Role.WRITE);
    assertThat(fixture.reader().snapshots()).hasSize(1);
    force(node.writer(), new LogRecord.Forget(List.of("s1")));
    assertThat(fixture.reader().snapshots()).as("a writer forgets nothing").hasSize(1);
  }

  @Test
  void aLostEntryBehindAWritersOwnGivesItNoOtherRoles() {
    register(fixture.service(), Set.of(Role.MAINTAIN));
    long lost = register(SigningKey.generate(random), Set.of(Role.WRITE));
    somethingBehind();
    store.delete(Names.log(lost));

    repairWith(fixture.service());

    assertThat(roles(fixture.service())).containsExactly(Role.MAINTAIN);
  }

  @Test
  void aWriterThatWasRemovedBeforeALostEntryStaysRemoved() {
    append(new LogRecord.WriterRemoved(fixture.service().writer().verifyKey().id()));
    long lost = register(SigningKey.generate(random), Set.of(Role.WRITE));
    somethingBehind();
    store.delete(Names.log(lost));

    repairWith(fixture.service());

    assertThat(view().writers()).isEmpty();
  }

  @Test
  void aWriterThatARepairRegisteredIsListedLikeAnyOther() {
    somethingBehind();
    store.delete(Names.log(1));
    repairWith(fixture.service());
    assertThat(fixture.reader().administration().writers())
        .extracting(Administration.Writer::id)
        .containsExactly(fixture.service().writer().verifyKey().id());
  }

  /** As a program wrote it that knew no roles there. */
  @Test
  void aRepairedEntryWithoutRolesIsReadAsBothForAKeyThatNothingElseNames() {
    SigningKey stranger = SigningKey.generate(random);
    var body =
        new LogRecord.Repaired("", List.of(stranger.verifyKey().text()), EnumSet.allOf(Role.class));
    CommitLog.View view = view();
    SigningKey admin = fixture.kit().requireAdmin();
    String json =
        Json.write(
                new LogEntry(view.next(), view.tip(), Instant.EPOCH, admin.verifyKey().id(), body))
            .replace(",\"roles\":[\"write\",\"maintain\"]", "");
    assertThat(json).doesNotContain("roles");
    byte[] object = io.lifeboat.crypto.SignedText.sign(LogEntry.PURPOSE, json, admin);
    store.putIfAbsent(Names.log(view.next()), new Body.Bytes(object));

    assertThat(view().writers())
        .containsEntry(stranger.verifyKey().id(), EnumSet.allOf(Role.class));
  }

  /** Of a snapshot whose own entry is left, and of one that is listed again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDomainThatARepairSealsIsSealedToTheRecipientsOfNow(boolean snapshotLostToo) {
    RecoveryKit late = fixture.kit().another(random, LocalDate.of(2026, 2, 1));
    XWingIdentity leaked = fixture.kit().identities().getFirst();
    fixture.reader().administration().addReader(late.recipients().getFirst());
    fixture.reader().administration().removeRecipient(leaked.recipient().fingerprint());
    SmallSnapshots.write(fixture.writer(), "s1", FILES);
    long domain = view().next() - 2;
    store.delete(Names.log(domain));
    if (snapshotLostToo) {
      store.delete(Names.log(domain + 1));
    }

    assertThat(repairWith(fixture.service()).problems()).isEmpty();

    LogRecord.Domain sealed = view().all(LogRecord.Domain.class).findFirst().orElseThrow();
    AgeFiles age = fixture.reader().context().age();
    for (String envelope : List.of(sealed.key(), sealed.summaryKey())) {
      byte[] bytes = SealedText.decode(envelope, "the domain");
      assertThat(age.decrypt(late.identities(), bytes)).hasSize(32);
      assertThatThrownBy(() -> age.decrypt(List.of(leaked), bytes))
          .isInstanceOfSatisfying(
              LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
    }
    SmallSnapshots.assertHolds(fixture.reader(late), "s1", FILES);
  }

  @Test
  void whatAWriterAttestsOfTheLogsLengthFillsNothing() {
    attest(fixture.service().writer(), 900);

    RepairReport report = repairWith(fixture.service());

    assertThat(report.done()).isEmpty();
    assertThat(names(Names.LOG)).hasSize(2);
  }

  @Test
  void whatTheAdminKeyAttestsOrThisNodeRemembersIsFilled() {
    long n = append(new LogRecord.Release("nothing"));
    attest(fixture.kit().requireAdmin(), n);
    attest(fixture.service().writer(), n + 1);
    store.delete(Names.log(n));
    assertThat(repairWith(fixture.service()).done()).hasSize(1);

    fixture.both().snapshots();
    long remembered = append(new LogRecord.Release("nothing"));
    fixture.both().snapshots();
    store.delete(Names.log(remembered));
    assertThat(repairWith(fixture.service()).done()).hasSize(1);
    assertThat(names(Names.LOG)).hasSize((int) remembered + 1);
  }

  @Test
  void aTipFarBeyondAllEntriesIsToldAndNotFilledAndTheRestIsMended() {
    append(new LogRecord.Release("nothing"));
    attest(fixture.kit().requireAdmin(), 200_000);
    store.delete(Names.log(1));

    RepairReport report = repairWith(fixture.service());

    assertThat(report.problems()).anyMatch(problem -> problem.contains("200000"));
    assertThat(names(Names.LOG)).contains(Names.log(1)).hasSizeLessThan(10);
  }

  /** Says that the log once ended with entry n. */
  private void attest(SigningKey key, long n) {
    var attestation =
        new Attestation(
            "attested" + names(Names.ATTESTATIONS).size(),
            fixture.reader().id().toString(),
            Attestation.place(store.describe()),
            Instant.EPOCH,
            "L1",
            1,
            1,
            "",
            0,
            new Attestation.Tip(n, "0".repeat(64)));
    String name = Names.ATTESTATIONS + attestation.id();
    store.putIfAbsent(name, new Body.Bytes(attestation.sign(key)));
  }

  /** So that the lost one leaves a gap. */
  private void somethingBehind() {
    append(new LogRecord.Release("nothing"));
  }

  private RepairReport repairWith(ServiceKey service) {
    return fixture.both(service).repair().run(false, Progress.none());
  }

  private Set<Role> roles(ServiceKey service) {
    return view().writers().get(service.writer().verifyKey().id());
  }

  private CommitLog.View view() {
    return fixture.reader().context().log().read();
  }

  private long register(ServiceKey service, Set<Role> roles) {
    return register(service.writer(), roles);
  }

  private long register(SigningKey key, Set<Role> roles) {
    return append(new LogRecord.Writer(key.verifyKey().text(), "node", roles));
  }

  private long append(LogRecord body) {
    return fixture
        .reader()
        .context()
        .log()
        .append(fixture.kit().requireAdmin(), view -> Optional.of(body))
        .orElseThrow();
  }

  /** As somebody would who does not ask whether it counts. */
  private void force(SigningKey key, LogRecord body) {
    CommitLog.View view = view();
    var entry = new LogEntry(view.next(), view.tip(), Instant.EPOCH, key.verifyKey().id(), body);
    store.putIfAbsent(Names.log(view.next()), new Body.Bytes(entry.sign(key)));
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
