package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lifeboat.progress.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bits that are changed in a server's files behind its back. */
@Tag("slow")
class PageDamageTest {
  private static final int PAGE_BYTES = 8192;

  @TempDir static Path folder;
  private static EmbeddedCluster cluster;

  @BeforeAll
  static void startServer() throws Exception {
    cluster =
        EmbeddedCluster.create(
            EmbeddedPrograms.unpacked(), Files.createDirectories(folder.resolve("source")));
    cluster.start(Map.of("autovacuum", "off"));
    cluster.sql(
        "CREATE TABLE lap (n int PRIMARY KEY, note text)",
        "INSERT INTO lap SELECT n, repeat('x', 100) FROM generate_series(1, 5000) n",
        "CHECKPOINT");
  }

  @AfterAll
  static void stopServer() throws Exception {
    cluster.close();
  }

  private static Optional<PageDamage> backUp() {
    return backUp(cluster);
  }

  private static Optional<PageDamage> backUp(EmbeddedCluster server) {
    return new BaseBackup(new PostgresServer(server.superuser()))
        .run("pages", new DrainingConsumer(), Progress.none())
        .damage();
  }

  private static Path file(String relation) {
    return cluster.data().resolve(cluster.ask("SELECT pg_relation_filepath('" + relation + "')"));
  }

  private static void flip(Path file, long at, int bit) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 1 << bit);
    }
  }

  /** Each version says in its own way that it found damage. */
  @ParameterizedTest
  @MethodSource("versions")
  void aFlippedBitIsFoundWithEveryVersion(PostgresPrograms programs, @TempDir Path home)
      throws Exception {
    try (EmbeddedCluster other = EmbeddedCluster.create(programs, home)) {
      other.start(Map.of("autovacuum", "off"));
      other.sql("CREATE TABLE lap AS SELECT generate_series(1, 5000) n", "CHECKPOINT");
      Path file = other.data().resolve(other.ask("SELECT pg_relation_filepath('lap')"));
      assertThat(backUp(other)).isEmpty();
      flip(file, 7 * PAGE_BYTES + 4321, 4);
      flip(file, 9 * PAGE_BYTES, 6);
      assertThat(backUp(other))
          .hasValueSatisfying(damage ->
              assertThat(damage.named())
                  .extracting(DamagedPage::block, DamagedPage::relation)
                  .containsExactly(
                      tuple(7L, Optional.of("public.lap in postgres")),
                      tuple(9L, Optional.of("public.lap in postgres"))));
    }
  }

  static List<PostgresPrograms> versions() throws IOException {
    return EmbeddedPrograms.ofEveryVersion();
  }

  @Test
  void aSoundServerHasNoDamage() {
    assertThat(backUp()).isEmpty();
  }

  /** Of the header every byte, and some of what follows; the first four are the LSN's. */
  @Test
  void oneFlippedBitIsFoundWithItsTableAndBlockWhereverItIs() throws Exception {
    Path file = file("lap");
    int[] places =
        IntStream.concat(IntStream.range(0, 24), IntStream.of(25, 600, 4097, 8191)).toArray();
    for (int place : places) {
      int bit = place % 8;
      long block = 1 + place % 40;
      flip(file, block * PAGE_BYTES + place, bit);
      try {
        assertThat(backUp())
            .as("bit %d of byte %d", bit, place)
            .hasValueSatisfying(damage -> {
              assertThat(damage.pages()).isEqualTo(1);
              assertThat(damage.named())
                  .containsExactly(
                      new DamagedPage(
                          cluster.data().relativize(file).toString(),
                          block,
                          Optional.of("public.lap in postgres")));
            });
      } finally {
        flip(file, block * PAGE_BYTES + place, bit);
      }
    }
    assertThat(backUp()).isEmpty();
  }

  @Test
  void anIndexAndSharedCatalogsAreLookedAtToo() throws Exception {
    Path index = file("lap_pkey");
    Path shared = file("pg_database");
    flip(index, 3 * PAGE_BYTES + 5000, 3);
    flip(shared, 7000, 3);
    try {
      assertThat(backUp())
          .hasValueSatisfying(damage ->
              assertThat(damage.sentence())
                  .startsWith("2 pages are damaged: ")
                  .contains("block 3 of public.lap_pkey in postgres", "block 0 of pg_database"));
    } finally {
      flip(index, 3 * PAGE_BYTES + 5000, 3);
      flip(shared, 7000, 3);
    }
  }

  @Test
  void ofManyDamagedPagesSomeAreNamedAndAllCounted() throws Exception {
    Path file = file("lap");
    for (int block = 0; block < 30; block++) {
      flip(file, (long) block * PAGE_BYTES + 5000, 1);
    }
    try {
      assertThat(backUp())
          .hasValueSatisfying(damage -> {
            assertThat(damage.pages()).isEqualTo(30);
            assertThat(damage.named()).hasSize(20);
            assertThat(damage.sentence()).endsWith(" and 10 more");
          });
    } finally {
      for (int block = 0; block < 30; block++) {
        flip(file, (long) block * PAGE_BYTES + 5000, 1);
      }
    }
  }

  /** Pages that change while they are read are no damage. */
  @Test
  void aBusyServerHasNoDamage() throws Exception {
    cluster.sql("CREATE TABLE busy AS SELECT * FROM lap");
    var stop = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              while (!stop.get()) {
                cluster.sql("UPDATE busy SET note = repeat(chr(97 + n % 20), 100)", "CHECKPOINT");
              }
            });
    try {
      for (int i = 0; i < 10; i++) {
        assertThat(backUp()).isEmpty();
      }
    } finally {
      stop.set(true);
      writer.join();
      cluster.sql("DROP TABLE busy");
    }
  }
}
