package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        new LogRecord.Repaired(
            "", List.of(stranger.verifyKey().text()), EnumSet.allOf(Role.class));
    CommitLog.View view = view();
    SigningKey admin = fixture.kit().requireAdmin();
    String json =
        Json.write(
                new LogEntry(
                    view.next(), view.tip(), Instant.EPOCH, admin.verifyKey().id(), body))
            .replace(",\"roles\":[\"write\",\"maintain\"]", "");
    assertThat(json).doesNotContain("roles");
    byte[] object = io.lifeboat.crypto.SignedText.sign(LogEntry.PURPOSE, json, admin);
    store.putIfAbsent(Names.log(view.next()), new Body.Bytes(object));

    assertThat(view().writers())
        .containsEntry(stranger.verifyKey().id(), EnumSet.allOf(Role.class));
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
    var entry =
        new LogEntry(view.next(), view.tip(), Instant.EPOCH, key.verifyKey().id(), body);
    store.putIfAbsent(Names.log(view.next()), new Body.Bytes(entry.sign(key)));
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
