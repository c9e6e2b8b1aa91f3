package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.repository.ChunkId;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.Extent;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import io.lifeboat.store.InMemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which backup may be a parent, and how it is remembered. */
class ParentChoiceTest {
  private static final KeptParent.About GOOD =
      new KeptParent.About("01A", "75", true, 3, 4_000, 1_000_000, 10);
  private static final BaseBackupPath TABLE = BaseBackupPath.inData("base/5/16384");

  @TempDir Path folder;

  private static ClusterFacts facts(int version, String system, Map<String, String> settings) {
    return new ClusterFacts(
        new ClusterFacts.Server(version, "PostgreSQL", system, "postgres"),
        settings,
        new ClusterFacts.Contents("shop", List.of(), List.of(), 1),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static final Map<String, String> SETTINGS =
      Map.of("summarize_wal", "on", "data_checksums", "on");

  private List<String> choose(
      ClusterFacts facts, Optional<KeptParent> candidate, String listed, boolean isChosen) {
    var store = new InMemoryStore();
    RepositoryFixture fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    var events = new ArrayList<String>();
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("01B"))) {
      assertThat(new ParentChoice(facts, listed::equals, writer).choose(candidate, events::add))
          .isEqualTo(isChosen ? candidate : Optional.empty());
    }
    return events;
  }

  private List<String> refuse(KeptParent.About about) {
    return choose(
        facts(180_006, "75", SETTINGS),
        Optional.of(new KeptParent(about, new byte[0], Map.of())),
        "01A",
        false);
  }

  @Test
  void aGoodParentIsTakenWithoutAWord() {
    var good = Optional.of(new KeptParent(GOOD, new byte[0], Map.of()));
    assertThat(choose(facts(170_010, "75", SETTINGS), good, "01A", true)).isEmpty();
  }

  @Test
  void anOlderServerGetsNoneWithoutAWord() {
    var good = Optional.of(new KeptParent(GOOD, new byte[0], Map.of()));
    assertThat(choose(facts(160_014, "75", Map.of()), good, "01A", false)).isEmpty();
  }

  @Test
  void whateverSpeaksAgainstAParentIsSaid() {
    var good = Optional.of(new KeptParent(GOOD, new byte[0], Map.of()));
    assertThat(choose(facts(180_006, "76", SETTINGS), good, "01A", false))
        .singleElement()
        .asString()
        .contains("of another cluster");
    assertThat(
            choose(
                facts(180_006, "75", Map.of("summarize_wal", "on", "data_checksums", "off")),
                good,
                "01A",
                false))
        .singleElement()
        .asString()
        .contains("checksums of pages were turned on or off");
    assertThat(choose(facts(180_006, "75", SETTINGS), good, "another", false))
        .singleElement()
        .asString()
        .contains("was forgotten");
    assertThat(refuse(new KeptParent.About("01A", "75", true, 30, 4_000, 1_000_000, 10)))
        .singleElement()
        .asString()
        .contains("the last 30 were incremental");
    assertThat(refuse(new KeptParent.About("01A", "75", true, 3, 1_000_000, 1_000_000, 10)))
        .singleElement()
        .asString()
        .contains("have read as much as that: 1000000 bytes");
    assertThat(refuse(new KeptParent.About("01A", "75", true, 3, 4_000, 1_000_000, 25)))
        .singleElement()
        .asString()
        .contains("too many small pieces: 25");
  }

  @Test
  void chunksThatAreGoneFromTheRepositoryMakeNoParent() {
    Path file = folder.resolve("parent");
    KeptParent unknown = remember(file);
    assertThat(choose(facts(180_006, "75", SETTINGS), Optional.of(unknown), "01A", false))
        .singleElement()
        .asString()
        .contains("not all that snapshot 01A consists of is known to be stored");
  }

  private static KeptParent remember(Path file) {
    var content =
        new Content.Inline(8192, List.of(new Extent.Data(new ChunkId(new byte[32]), 4096, 8192)));
    var odd = new BaseBackupPath(Optional.of(16_390L), List.of(FileName.of(new byte[] {-1, 7})));
    try {
      ParentFile.write(
          file,
          GOOD,
          new byte[] {1, 2, 3},
          Map.of(
              TABLE,
              new StoredContent(content, Optional.empty()),
              odd,
              new StoredContent(content, Optional.of(new byte[32]))));
      return ParentFile.read(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsRememberedIsReadTheSameAndNothingElseIs() throws Exception {
    Path file = folder.resolve("parent");
    KeptParent parent = remember(file);
    assertThat(parent.about()).isEqualTo(GOOD);
    assertThat(parent.manifest()).containsExactly(1, 2, 3);
    assertThat(parent.files()).hasSize(2);
    assertThat(parent.find(TABLE).orElseThrow().sha256()).isEmpty();
    assertThat(parent.find(TABLE).orElseThrow().content().sizeBytes()).isEqualTo(8192);
    assertThat(parent.find(BaseBackupPath.inData("base/5/1"))).isEmpty();

    byte[] whole = Files.readAllBytes(file);
    Path other = folder.resolve("other");
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 4;
      Files.write(other, changed);
      assertThatThrownBy(() -> ParentFile.read(other)).isInstanceOf(IOException.class);
    }
    for (int length = 0; length < whole.length; length++) {
      Files.write(other, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ParentFile.read(other)).isInstanceOf(IOException.class);
    }
  }
}
