package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogRolesTest {
  private static final LogRecord EVIDENCE =
      new LogRecord.Evidence("drill", "domain", "", "hash", 1, "a".repeat(64));

  private final SecureRandom random = new SecureRandom();
  private final SigningKey admin = SigningKey.generate(random);
  private final SigningKey node = SigningKey.generate(random);
  private final ObjectStore store = new InMemoryStore();
  private final CommitLog log = new CommitLog(store, admin.verifyKey(), Clock.systemUTC());

  @Test
  void entriesOfAKeyWithoutTheirRoleNeitherCountNorAreWritten() {
    register(node, Set.of(Role.MAINTAIN));

    assertRefused(node, EVIDENCE, "maintain");
    force(node, EVIDENCE);

    assertThat(log.read().all(LogRecord.Evidence.class)).isEmpty();
    assertThat(log.read().problems())
        .singleElement()
        .asString()
        .contains("log/0000000000000001", "role write");
  }

  @Test
  void aKeyWithTheRoleWriteMayNotChangeWhoWritesAndReads() {
    register(node, EnumSet.allOf(Role.class));
    SigningKey friend = SigningKey.generate(random);

    force(node, writer(friend, Set.of(Role.WRITE)));
    force(node, new LogRecord.WriterRemoved(friend.verifyKey().id()));
    force(
        node,
        new LogRecord.Recipients(
            java.util.List.of(io.lifeboat.crypto.XWingIdentity.generate(random).recipient().text()),
            java.util.List.of()));
    force(friend, EVIDENCE);

    assertThat(log.read().entries()).hasSize(1);
    assertThat(log.read().problems())
        .hasSize(4)
        .first()
        .asString()
        .contains("only the admin key may sign such an entry");
  }

  @Test
  void whatAWriterSignedBeforeItWasRemovedStaysAndNothingAfterwardsCounts() {
    register(node, Set.of(Role.WRITE));
    log.append(EVIDENCE, node, view -> {});
    log.append(new LogRecord.WriterRemoved(node.verifyKey().id()), admin, view -> {});

    assertRefused(node, EVIDENCE, "removed");
    force(node, EVIDENCE);

    assertThat(log.read().all(LogRecord.Evidence.class)).hasSize(1);
    assertThat(log.read().problems()).singleElement().asString().contains("was removed");
    assertThat(log.read().writers()).isEmpty();
  }

  @Test
  void aRemovedWriterCanBeRegisteredAgainWithOtherRoles() {
    register(node, Set.of(Role.WRITE));
    log.append(new LogRecord.WriterRemoved(node.verifyKey().id()), admin, view -> {});
    register(node, Set.of(Role.MAINTAIN));

    assertThat(log.read().writers())
        .containsExactly(java.util.Map.entry(node.verifyKey().id(), Set.of(Role.MAINTAIN)));
    assertRefused(node, EVIDENCE, "maintain");
  }

  @Test
  void theAdminKeyCannotBeRemoved() {
    log.append(new LogRecord.WriterRemoved(admin.verifyKey().id()), admin, view -> {});

    log.append(EVIDENCE, admin, view -> {});

    assertThat(log.read().all(LogRecord.Evidence.class)).hasSize(1);
  }

  @Test
  void aWriterEntryOfBeforeThereWereRolesMeansAllOfThem() {
    String older =
        "{\"n\":0,\"previous\":\""
            + CommitLog.NO_PREVIOUS
            + "\",\"at\":\"2026-01-31T02:00:00Z\",\"writer\":\""
            + admin.verifyKey().id()
            + "\",\"body\":{\"type\":\"writer\",\"key\":\""
            + node.verifyKey().text()
            + "\",\"name\":\"old\"}}";
    store.putIfAbsent(
        Names.log(0), new Body.Bytes(SignedText.sign(LogEntry.PURPOSE, older, admin)));

    assertThat(log.read().problems()).isEmpty();
    assertThat(log.read().writers())
        .containsExactly(java.util.Map.entry(node.verifyKey().id(), EnumSet.allOf(Role.class)));
  }

  @Test
  void whatIsWrittenNamesItsRolesAndUnknownOnesAreRefused() {
    register(node, EnumSet.allOf(Role.class));
    String text =
        new String(store.get(Names.log(0), 100 << 20), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(text).contains("\"roles\":[\"write\",\"maintain\"]");

    String payload = text.substring(0, text.indexOf('\n'));
    for (String roles : new String[] {"[]", "[\"read\"]", "\"write\"", "null"}) {
      var other = new InMemoryStore();
      String changed = payload.replace("[\"write\",\"maintain\"]", roles);
      other.putIfAbsent(
          Names.log(0), new Body.Bytes(SignedText.sign(LogEntry.PURPOSE, changed, admin)));
      assertThat(new CommitLog(other, admin.verifyKey(), Clock.systemUTC()).read().writers())
          .as(roles)
          .isEmpty();
    }
  }

  private void register(SigningKey key, Set<Role> roles) {
    log.append(writer(key, roles), admin, view -> {});
  }

  private static LogRecord.Writer writer(SigningKey key, Set<Role> roles) {
    return new LogRecord.Writer(key.verifyKey().text(), "somebody", roles);
  }

  private void assertRefused(SigningKey key, LogRecord body, String because) {
    assertThatThrownBy(() -> log.append(body, key, view -> {}))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH))
        .hasMessageContaining(because);
  }

  /** As somebody would who does not ask whether it counts. */
  private void force(SigningKey key, LogRecord body) {
    CommitLog.View view = log.read();
    var entry =
        new LogEntry(
            view.next(), view.tip(), Instant.now(Clock.systemUTC()), key.verifyKey().id(), body);
    store.putIfAbsent(Names.log(view.next()), new Body.Bytes(entry.sign(key)));
  }
}
