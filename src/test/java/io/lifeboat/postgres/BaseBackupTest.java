package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class BaseBackupTest {
  private static final long TWO_MIB = 2 << 20;

  @TempDir static Path folder;
  private static EmbeddedCluster cluster;

  @BeforeAll
  static void startServer() throws Exception {
    cluster =
        EmbeddedCluster.create(
            EmbeddedPrograms.unpacked(), Files.createDirectories(folder.resolve("source")));
    cluster.start(Map.of());
  }

  @AfterAll
  static void stopServer() throws Exception {
    cluster.close();
  }

  @Test
  void everyFileThatArrivesIsAsTheManifestSays(@TempDir Path target) throws Exception {
    var consumer = new FolderConsumer(target);
    BaseBackupResult result = backup("it's a test", consumer, Progress.none());

    BackupManifest manifest = BackupManifest.parse(result.manifest());
    manifest.verify(consumer.facts);
    assertThat(problems(consumer.data(), Map.of(), manifest)).isEmpty();
    assertThat(Files.readString(consumer.data().resolve("backup_label"))).contains("it's a test");
    assertThat(result.stopLsn()).isGreaterThan(result.startLsn());
    assertThat(manifest.systemIdentifier())
        .contains(cluster.ask("SELECT system_identifier FROM pg_control_system()"));
  }

  @Test
  void aTablespaceComesApartAndNoLinkToItComes(@TempDir Path target) throws Exception {
    Path fast = Files.createDirectories(folder.resolve("fast ü"));
    cluster.sql(
        "CREATE TABLESPACE fast LOCATION '" + fast + "'",
        "CREATE TABLE lap (n int) TABLESPACE fast",
        "INSERT INTO lap SELECT generate_series(1, 1000)");
    long oid = Long.parseLong(cluster.ask("SELECT oid FROM pg_tablespace WHERE spcname = 'fast'"));
    try {
      var consumer = new FolderConsumer(target);
      BaseBackupResult result = backup("tablespace", consumer, Progress.none());

      assertThat(result.tablespaces())
          .containsExactly(new BaseBackupResult.Tablespace(oid, fast.toString()));
      BackupManifest manifest = BackupManifest.parse(result.manifest());
      manifest.verify(consumer.facts);
      Path place = RestoredCluster.defaultPlace(consumer.data(), oid);
      assertThat(problems(consumer.data(), Map.of(oid, place), manifest)).isEmpty();
      assertThat(consumer.data().resolve("pg_tblspc")).isEmptyDirectory();
      assertThat(
              TablespaceMap.parse(
                  Files.readAllBytes(consumer.data().resolve(TablespaceMap.FILE_NAME))))
          .isEqualTo(Map.of(oid, fast.toString()));

      new RestoredCluster(consumer.data()).prepare(Map.of(oid, place));
      assertThat(
              TablespaceMap.parse(
                  Files.readAllBytes(consumer.data().resolve(TablespaceMap.FILE_NAME))))
          .isEqualTo(Map.of(oid, place.toString()));
      // What a restore must change is no problem; what else is changed, is.
      assertThat(problems(consumer.data(), Map.of(oid, place), manifest)).isEmpty();
    } finally {
      cluster.sql("DROP TABLE lap", "DROP TABLESPACE fast");
    }
  }

  @Test
  void aRestoredFolderIsFoundOutWhenAFileChangesVanishesOrIsAdded(@TempDir Path target)
      throws Exception {
    var consumer = new FolderConsumer(target);
    BackupManifest manifest =
        BackupManifest.parse(backup("folder", consumer, Progress.none()).manifest());
    Path data = consumer.data();
    Files.delete(data.resolve("global/pg_filenode.map"));
    Path version = data.resolve("base/1/PG_VERSION");
    Files.writeString(version, Files.readString(version).replace('8', '9'));
    Files.writeString(data.resolve("base/1/extra"), "x");
    Files.delete(data.resolve("pg_ident.conf"));
    Files.createSymbolicLink(data.resolve("pg_ident.conf"), data.resolve("pg_hba.conf"));
    try (var segments = Files.newDirectoryStream(data.resolve("pg_wal"), "0*")) {
      Files.delete(segments.iterator().next());
    }

    assertThat(problems(data, Map.of(), manifest))
        .hasSize(5)
        .anyMatch(problem -> problem.equals("global/pg_filenode.map is missing"))
        .anyMatch(problem -> problem.startsWith("base/1/PG_VERSION has other contents"))
        .anyMatch(problem -> problem.equals("base/1/extra is not in the manifest"))
        .anyMatch(problem -> problem.startsWith("pg_ident.conf has 0 bytes"))
        .anyMatch(problem -> problem.contains("WAL") || problem.contains("WAL is there"));
  }

  @Test
  void namesThatAreNoTextComeThroughUnchanged(@TempDir Path target) throws Exception {
    List<Path> odd = new ArrayList<>();
    for (String name : List.of("caf%E9", "%FF%FE", "new%0Aline", "a%5Cb%20%22c%22", "%C3%BC")) {
      Path file = Path.of(URI.create(cluster.data().toUri() + name));
      odd.add(Files.writeString(file, name));
    }
    try {
      var consumer = new FolderConsumer(target);
      BackupManifest manifest =
          BackupManifest.parse(backup("odd names", consumer, Progress.none()).manifest());
      manifest.verify(consumer.facts);
      assertThat(problems(consumer.data(), Map.of(), manifest)).isEmpty();
      assertThat(consumer.facts)
          .containsKey(BaseBackupPath.of(Optional.empty(), new byte[] {'c', 'a', 'f', (byte) 0xE9}))
          .containsKey(BaseBackupPath.of(Optional.empty(), new byte[] {(byte) 0xFF, (byte) 0xFE}));
    } finally {
      for (Path file : odd) {
        Files.delete(file);
      }
    }
  }

  @Test
  void whatArrivedIsToldToTheProgress(@TempDir Path target) throws Exception {
    var progress = new CountingProgress(Long.MAX_VALUE);
    var consumer = new FolderConsumer(target);
    backup("progress", consumer, progress);

    long bytes = consumer.facts.values().stream().mapToLong(FileFacts::sizeBytes).sum();
    assertThat(progress.bytes.get()).isEqualTo(bytes);
    assertThat(progress.items.get()).isEqualTo(consumer.facts.size());
    assertThat(progress.expectedBytes.get()).isBetween(bytes / 2, bytes * 2);
  }

  /** The server throttles: 20 MB and more at 8 MiB a second take two seconds at least. */
  @Test
  void theServerSendsNoFasterThanItIsTold() {
    long start = System.nanoTime();
    var progress = new CountingProgress(Long.MAX_VALUE);
    new BaseBackup(new PostgresServer(cluster.superuser()), OptionalLong.of(8 << 20))
        .run("slowly", new DrainingConsumer(), progress);
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(progress.bytes.get()).isGreaterThan(20_000_000);
    assertThat(progress.bytes.get() / seconds).isLessThan(8.5 * (1 << 20));
  }

  @Test
  void aCancelledBackupLeavesNoWalsenderAndNoSlot() {
    LifeboatException failure =
        catchThrowableOfType(
            LifeboatException.class,
            () -> backup("cancelled", new DrainingConsumer(), new CountingProgress(TWO_MIB)));
    assertThat(failure.code()).isEqualTo(ErrorCode.CANCELLED);
    assertNothingIsLeft();
  }

  @Test
  void aConsumerThatFailsEndsTheBackupWithItsReason() {
    var full =
        new DrainingConsumer() {
          @Override
          public void file(BaseBackupPath path, Attributes a, long size, InputStream content)
              throws IOException {
            throw new IOException("No space left on device");
          }
        };
    LifeboatException failure =
        catchThrowableOfType(LifeboatException.class, () -> backup("full", full, Progress.none()));
    assertThat(failure.code()).isEqualTo(ErrorCode.IO_FAILED);
    assertThat(failure).hasMessageContaining("No space left on device");
    assertNothingIsLeft();
  }

  @Test
  void anInterruptedThreadStopsAndKeepsItsFlag() throws Exception {
    var flag = new CompletableFuture<Boolean>();
    var code = new CompletableFuture<ErrorCode>();
    Thread thread =
        Thread.startVirtualThread(() -> {
          var interrupting =
              new DrainingConsumer() {
                @Override
                public void file(BaseBackupPath p, Attributes a, long size, InputStream in)
                    throws IOException {
                  Thread.currentThread().interrupt();
                  super.file(p, a, size, in);
                }
              };
          try {
            backup("interrupted", interrupting, Progress.none());
            code.completeExceptionally(new AssertionError("it went on"));
          } catch (LifeboatException e) {
            code.complete(e.code());
          }
          flag.complete(Thread.currentThread().isInterrupted());
        });
    thread.join();
    assertThat(code.get()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(flag.get()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void withAllSlotsTakenItSaysSo() {
    cluster.sql(
        "SELECT pg_create_physical_replication_slot('taken_' || n)"
            + " FROM generate_series(1, current_setting('max_replication_slots')::int) n");
    try {
      TransientException failure =
          catchThrowableOfType(
              TransientException.class,
              () -> backup("no slot", new DrainingConsumer(), Progress.none()));
      assertThat(failure.code()).isEqualTo(ErrorCode.REPLICATION_CAPACITY_EXHAUSTED);
      assertThat(failure.hint()).contains("max_replication_slots");
    } finally {
      cluster.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    }
  }

  private static BaseBackupResult backup(
      String label, BaseBackupConsumer consumer, Progress progress) {
    return new BaseBackup(new PostgresServer(cluster.superuser())).run(label, consumer, progress);
  }

  private static List<String> problems(
      Path data, Map<Long, Path> tablespaces, BackupManifest manifest) {
    return new FolderVerification(data, tablespaces).problems(manifest, Progress.none());
  }

  /** The server notices a cut connection when it next writes; that may take it a moment. */
  private static void assertNothingIsLeft() {
    long deadlineNanos = System.nanoTime() + 10_000_000_000L;
    String left;
    do {
      left =
          cluster.ask(
              "SELECT (SELECT count(*) FROM pg_stat_replication) + (SELECT count(*) FROM"
                  + " pg_replication_slots)");
    } while (!left.equals("0") && System.nanoTime() < deadlineNanos);
    assertThat(left).isEqualTo("0");
  }

  /** Counts, and cancels once so many bytes were seen. */
  private static final class CountingProgress implements Progress {
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong items = new AtomicLong();
    final AtomicLong expectedBytes = new AtomicLong();
    private final long cancelAfterBytes;

    CountingProgress(long cancelAfterBytes) {
      this.cancelAfterBytes = cancelAfterBytes;
    }

    @Override
    public void phase(String name) {}

    @Override
    public void expect(long more) {
      expectedBytes.set(more);
    }

    @Override
    public void advance(long moreBytes, long moreItems) {
      bytes.addAndGet(moreBytes);
      items.addAndGet(moreItems);
    }

    @Override
    public void event(String sentence) {}

    @Override
    public void checkCancelled() {
      if (bytes.get() >= cancelAfterBytes) {
        throw new PermanentException(ErrorCode.CANCELLED, "Cancelled", "Run it again.");
      }
    }
  }
}
