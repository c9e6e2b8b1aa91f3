package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages laid over contents of earlier snapshots. */
class ContentOverlayTest {
  private static final int PAGE_BYTES = 8192;

  @TempDir Path folder;
  private InMemoryStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  /** What a run may do to a file. */
  private interface Change {
    CompletableFuture<StoredContent> apply(SnapshotWriter writer);
  }

  private StoredContent snapshot(String id, Change change) {
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order(id))) {
      CompletableFuture<StoredContent> stored = change.apply(writer);
      CompletableFuture<Node.Directory> tree =
          writer.directory(
              FileName.of("root"),
              SmallSnapshots.PLAIN,
              List.of(
                  stored.thenApply(content ->
                      new Node.RegularFile(
                          FileName.of("file"),
                          SmallSnapshots.PLAIN,
                          content.content(),
                          content.sha256(),
                          0))));
      writer.endContents();
      StoredContent content = stored.join();
      writer.commit("{}", tree, new SnapshotWriter.Totals(content.content().sizeBytes(), 1));
      return content;
    }
  }

  private static CompletableFuture<StoredContent> whole(SnapshotWriter writer, byte[] bytes) {
    ContentWriter out = writer.content(Chunking.PAGES, bytes.length);
    out.write(bytes, 0, bytes.length);
    return out.finish();
  }

  @Test
  void generationsOfChangedPagesAreReadAsIfEachHadBeenWrittenWhole() {
    var random = new Random(7);
    byte[] model = new byte[1600 * PAGE_BYTES + 100];
    random.nextBytes(model);
    Map<String, byte[]> expected = new LinkedHashMap<>();
    byte[] first = model.clone();
    StoredContent last = snapshot("s0", writer -> whole(writer, first));
    expected.put("s0", first);
    for (int generation = 1; generation <= 6; generation++) {
      // The second lays a page into every other place, which makes a list that is stored apart.
      double density = generation == 2 ? 1 : 0.02;
      var order = new Overlay(model, random, density, 1500 + random.nextInt(300));
      Content earlier = last.content();
      last = snapshot("s" + generation, writer -> order.write(writer, earlier));
      model = order.result();
      expected.put("s" + generation, model);
      assertThat(last.sha256()).isEmpty();
      assertThat(last.content().sizeBytes()).isEqualTo(model.length);
      assertThat(last.content() instanceof Content.Indirect).isEqualTo(generation > 1);
    }
    expected.forEach(
        (id, bytes) -> SmallSnapshots.assertHolds(fixture.reader(), id, Map.of("file", bytes)));
    assertThat(
            fixture
                .reader()
                .verification()
                .run(VerifyOrder.everything(Verification.Depth.L2), Progress.none())
                .problems())
        .isEmpty();
  }

  /** One generation: a new length in pages, and pages at random that are new or zeros. */
  private static final class Overlay {
    private final byte[] result;
    private final byte[] kinds;

    Overlay(byte[] before, Random random, double density, int pages) {
      result =
          Arrays.copyOf(
              Arrays.copyOf(before, Math.min(before.length, pages * PAGE_BYTES)),
              pages * PAGE_BYTES);
      kinds = new byte[pages];
      byte[] page = new byte[PAGE_BYTES];
      for (int i = 0; i < pages; i++) {
        if (density == 1 ? i % 2 == 0 : random.nextDouble() < density) {
          kinds[i] = (byte) (random.nextInt(8) == 0 ? 2 : 1);
          if (kinds[i] == 1) {
            random.nextBytes(page);
          } else {
            Arrays.fill(page, (byte) 0);
          }
          System.arraycopy(page, 0, result, i * PAGE_BYTES, PAGE_BYTES);
        }
      }
    }

    byte[] result() {
      return result;
    }

    CompletableFuture<StoredContent> write(SnapshotWriter writer, Content earlier) {
      assertThat(writer.knows(earlier)).isTrue();
      ContentOverlay out = writer.overlay(earlier, 1);
      for (int i = 0; i < kinds.length; i++) {
        switch (kinds[i]) {
          case 0 -> out.keep(PAGE_BYTES);
          case 1 -> out.write(result, i * PAGE_BYTES, PAGE_BYTES);
          default -> out.hole(PAGE_BYTES);
        }
      }
      return out.finish();
    }
  }

  @Test
  void onlyTheNewPagesAreStored() {
    byte[] bytes = new byte[8 << 20];
    new Random(1).nextBytes(bytes);
    StoredContent before = snapshot("s0", writer -> whole(writer, bytes));
    byte[] page = new byte[PAGE_BYTES];
    StoredContent after =
        snapshot(
            "s1",
            writer -> {
              ContentOverlay out = writer.overlay(before.content(), PAGE_BYTES);
              out.keep(5L * PAGE_BYTES);
              out.write(page, 0, PAGE_BYTES);
              out.keep(bytes.length - 6L * PAGE_BYTES);
              return out.finish();
            });
    assertThat(after.content().aboutExtents()).isEqualTo(before.content().aboutExtents() + 2);
    assertThat(fixture.reader().snapshots().getFirst().storedBytes()).isLessThan(64 << 10);
  }

  @Test
  void whatIsNotKnownToBeStoredIsNotLaidUnderAnything() throws Exception {
    byte[] bytes = new byte[1 << 20];
    new Random(2).nextBytes(bytes);
    StoredContent before = snapshot("s0", writer -> whole(writer, bytes));
    var elsewhere = new InMemoryStore();
    RepositoryFixture other = RepositoryFixture.create(elsewhere, folder.resolve("other/spool"));
    try (SnapshotWriter writer = other.writer().begin(RepositoryFixture.order("s1"))) {
      assertThat(writer.knows(before.content())).isFalse();
      ContentOverlay out = writer.overlay(before.content(), 0);
      out.keep(bytes.length);
      CompletableFuture<StoredContent> stored = out.finish();
      assertThatThrownBy(stored::join).hasMessageContaining("nobody asked for");
    }
  }

  @Test
  void aListThatThisHostHasLostMakesItsContentsUnknown() throws Exception {
    byte[] bytes = new byte[1100 * 2 * PAGE_BYTES];
    new Random(3).nextBytes(bytes);
    StoredContent before = snapshot("s0", writer -> whole(writer, bytes));
    StoredContent cut =
        snapshot(
            "s1",
            writer -> {
              ContentOverlay out = writer.overlay(before.content(), bytes.length / 2);
              for (int i = 0; i < 1100; i++) {
                out.keep(PAGE_BYTES);
                out.write(bytes, i * PAGE_BYTES, PAGE_BYTES);
              }
              return out.finish();
            });
    assertThat(cut.content()).isInstanceOf(Content.Indirect.class);
    try (Stream<Path> lists = Files.walk(folder)) {
      for (Path list : lists.filter(path -> path.getParent().endsWith("lists")).toList()) {
        Files.delete(list);
      }
    }
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s2"))) {
      assertThat(writer.knows(before.content())).isTrue();
      assertThat(writer.knows(cut.content())).isFalse();
    }
  }
}
