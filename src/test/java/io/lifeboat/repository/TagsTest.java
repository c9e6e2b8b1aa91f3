package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.InMemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What snapshots are marked with. */
class TagsTest {
  private static final String TAG = "release-4.2-of-the-secret-project";

  @TempDir Path folder;

  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;

  @BeforeEach
  void create() {
    fixture = RepositoryFixture.create(store, folder);
  }

  @Test
  void theWriterTheMaintainerAndTheReaderSeeThemAndTheStoreDoesNot() {
    write("s1", List.of(TAG, "audited", TAG));
    write("s2", List.of());

    assertThat(fixture.writer().snapshots())
        .extracting(SnapshotInfo::tags)
        .containsExactly(List.of(), List.of("audited", TAG));
    assertThat(fixture.writer().maintenance().history())
        .extracting(snapshot -> snapshot.info().tags())
        .containsExactly(List.of("audited", TAG), List.of());
    try (SnapshotReader reader = fixture.reader().read("s1")) {
      assertThat(reader.root().info().tags()).containsExactly("audited", TAG);
    }
    try (var objects = store.list("")) {
      assertThat(objects)
          .isNotEmpty()
          .allSatisfy(object ->
              assertThat(new String(store.get(object.name()), StandardCharsets.ISO_8859_1))
                  .doesNotContain(TAG));
    }
  }

  @Test
  void aSummaryWithoutTagsIsWrittenAsItWasBeforeThereWereAny() {
    assertThat(Json.write(info(List.of()))).endsWith("\"files\":3,\"proof\":null}");
    assertThat(Json.write(info(List.of("b", "a"))))
        .endsWith("\"proof\":null,\"tags\":[\"a\",\"b\"]}");
    String before = Json.write(info(List.of()));
    assertThat(Json.read(before, SnapshotInfo.class, "it").tags()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[\"\"]", "[\"a b\"]", "[\"-a\"]", "[\"\\n\"]", "\"a\""})
  void aWriterThatSignsWhatIsNoTagIsNotUnderstood(String tags) {
    String json = Json.write(info(List.of("a"))).replace("[\"a\"]", tags);

    assertThatThrownBy(() -> Json.read(json, SnapshotInfo.class, "it"))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
  }

  @Test
  void thereIsABoundOnTheirNumberAndTheirLength() {
    info(Collections.nCopies(17, "a"));
    info(numbered(16));
    info(List.of("a".repeat(64)));
    assertThatThrownBy(() -> info(numbered(17))).hasMessageContaining("at most 16");
    assertThatThrownBy(() -> info(List.of("a".repeat(65)))).hasMessageContaining("64");
  }

  private static List<String> numbered(int count) {
    return java.util.stream.IntStream.range(0, count).mapToObj(n -> "t" + n).toList();
  }

  private static SnapshotInfo info(List<String> tags) {
    Instant at = Instant.parse("2026-01-31T02:00:00Z");
    return new SnapshotInfo(
        "s", "docs", "files", "p", at, at, 1, 2, 3, Optional.empty(), tags, Optional.empty());
  }

  private void write(String id, List<String> tags) {
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order(id, tags))) {
      SmallSnapshots.write(writer, Map.of("file", new byte[10]));
    }
  }
}
