package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.FaultyStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Slots in packs say which keys are those of a session, and nothing in a slot proves it: what a
 * rewrap passes on is for ever.
 */
class PlantedSlotTest {
  private static final Map<String, byte[]> FIRST = SmallSnapshots.randomFiles(1, 1, 700_000);
  private static final Map<String, byte[]> SECOND = SmallSnapshots.randomFiles(2, 1, 700_000);

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;
  private RecoveryKit late;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    late = fixture.kit().another(new SecureRandom(), LocalDate.of(2026, 2, 1));
  }

  /** That of a run which did not end has no entry in the log that tells of its packs. */
  @Test
  void aSlotThatClaimsTheSessionOfARunThatDidNotEndIsNotPassedOn() {
    abandon();
    String abandoned = data("");
    Map<String, byte[]> both = new LinkedHashMap<>(FIRST);
    both.putAll(SECOND);
    SmallSnapshots.write(fixture.writer(), "s1", both);
    fixture.reader().administration().addReader(late.recipients().getFirst());

    assertNotPassedOn(data(abandoned), session(abandoned), both);
  }

  @Test
  void aSlotThatClaimsTheSessionOfAnotherSnapshotIsTold() {
    SmallSnapshots.write(fixture.writer(), "s1", FIRST);
    String first = data("");
    SmallSnapshots.write(fixture.writer(), "s2", SECOND);
    fixture.reader().administration().addReader(late.recipients().getFirst());

    assertNotPassedOn(data(first), session(first), FIRST);
  }

  @Test
  void nothingIsReadWholeWhereTheLogTellsOfTheSession() {
    SmallSnapshots.write(fixture.writer(), "s1", FIRST);
    SmallSnapshots.write(fixture.writer(), "s2", FIRST);
    fixture.reader().administration().addReader(late.recipients().getFirst());
    var counting = new CountingStore(store);

    assertThat(fixture.through(counting).reader().rewrap().run(Progress.none()).problems())
        .isEmpty();

    assertThat(counting.mostOfAPack()).isLessThan(700_000);
  }

  private void assertNotPassedOn(String pack, byte[] session, Map<String, byte[]> files) {
    byte[] genuine = store.get(pack);
    byte[] planted = genuine.clone();
    ByteBuffer.wrap(planted).put(sessionAt(planted), session);
    store.overwrite(pack, planted);

    Rewrap.Result result = fixture.reader().rewrap().run(Progress.none());

    assertThat(result.problems()).singleElement().asString().contains(pack);
    store.overwrite(pack, genuine);
    assertThat(fixture.reader().rewrap().run(Progress.none()).problems()).isEmpty();
    SmallSnapshots.assertHolds(fixture.reader(late), "s1", files);
  }

  /** A run that stores its packs and their index, and dies before its last metadata packs. */
  private void abandon() {
    var pass = new FaultyStore.Fault.Pass();
    var dies =
        new FaultyStore(store)
            .queue(FaultyStore.Method.PUT, pass, pass, pass, pass, FaultyStore.Fault.full());
    assertThatThrownBy(() -> SmallSnapshots.write(fixture.through(dies).writer(), "dead", FIRST))
        .hasMessageContaining("full");
  }

  /** The data pack that is not this one. */
  private String data(String other) {
    return names("p/d/").stream().filter(name -> !name.equals(other)).findFirst().orElseThrow();
  }

  private byte[] session(String pack) {
    byte[] bytes = store.get(pack);
    byte[] session = new byte[PackSlot.SESSION_BYTES];
    ByteBuffer.wrap(bytes).get(sessionAt(bytes), session);
    assertThat(HexFormat.of().formatHex(session)).isNotEqualTo("0".repeat(32));
    return session;
  }

  /** Where the session's id lies: behind the count of slots and the first one's salt. */
  private static int sessionAt(byte[] pack) {
    int trailer = pack.length - PackLayout.TRAILER_BYTES;
    int slots = ByteBuffer.wrap(pack).getInt(trailer + Integer.BYTES);
    return trailer - slots + 1 + PackSlot.SALT_BYTES;
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> objects = store.list(prefix)) {
      return objects.map(ObjectInfo::name).toList();
    }
  }
}
