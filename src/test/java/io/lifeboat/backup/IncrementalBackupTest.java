package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.postgres.BackupManifest;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.FolderVerification;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.repository.Verification;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.restore.ClusterTarget;
import io.lifeboat.restore.Ownership;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.store.InMemoryStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Backups of real servers against earlier ones, each restored alone. */
@Tag("slow")
class IncrementalBackupTest {
  @TempDir Path folder;
  private InMemoryStore store;
  private RepositoryFixture fixture;
  private final List<String> events = new ArrayList<>();

  @BeforeEach
  void createRepository() {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  static List<PostgresPrograms> versions() throws Exception {
    return SourceCluster.versionsSince(17);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void eachOfAChainIsRestoredAloneWhateverHappenedToItsTables(PostgresPrograms programs)
      throws Exception {
    try (var source =
        SourceCluster.summarizing(
            programs, folder.resolve("source"), Map.of("autovacuum", "off"))) {
      Path space = Files.createDirectories(folder.resolve("space"));
      source.sql(
          "CREATE TABLESPACE fast LOCATION '" + space + "'",
          table("large", 60_000),
          "CREATE INDEX ON large (n)",
          table("cut", 20_000),
          table("rewritten", 20_000),
          table("gone", 20_000),
          table("emptied", 20_000),
          "CREATE TABLE apart TABLESPACE fast AS SELECT * FROM cut",
          "VACUUM");
      Map<String, Map<String, String>> expected = new LinkedHashMap<>();
      BackupResult full = backUp(source);
      expected.put(full.snapshot(), digests(source));
      assertThat(full.parent()).isEmpty();

      source.sql(
          "UPDATE large SET t = 'other' WHERE n BETWEEN 30000 AND 30599",
          "DELETE FROM cut WHERE n > 5000",
          "VACUUM (TRUNCATE) cut",
          "DROP TABLE gone",
          "TRUNCATE emptied",
          table("fresh", 3_000),
          "UPDATE apart SET t = 'moved' WHERE n = 7");
      BackupResult first = backUp(source);
      expected.put(first.snapshot(), digests(source));
      assertThat(first.parent()).as("%s", events).contains(full.snapshot());
      assertThat(first.bytesRead()).isLessThan(full.bytesRead() / 3);

      source.sql(
          "INSERT INTO cut SELECT n, 'again', 'x' FROM generate_series(1, 30000) n",
          "DELETE FROM rewritten WHERE n % 3 = 0",
          "VACUUM FULL rewritten",
          "UPDATE large SET t = 'third' WHERE n % 2000 = 0",
          "UPDATE fresh SET t = 'second' WHERE n < 100",
          "CREATE TABLE later AS SELECT 1 AS n");
      BackupResult second = backUp(source);
      expected.put(second.snapshot(), digests(source));
      assertThat(second.parent()).as("%s", events).contains(first.snapshot());

      source.sql("UPDATE large SET t = 'fourth' WHERE n = 50000");
      BackupResult third = backUp(source);
      expected.put(third.snapshot(), digests(source));
      assertThat(third.parent()).as("%s", events).contains(second.snapshot());
      assertThat(events).hasSize(1).first().asString().contains("remembers no earlier one");
      source.close();

      for (var snapshot : expected.entrySet()) {
        assertThat(restored(programs, snapshot.getKey()))
            .as("%s", snapshot.getKey())
            .isEqualTo(snapshot.getValue());
      }
    }
    assertThat(
            fixture
                .reader()
                .verification()
                .run(VerifyOrder.everything(Verification.Depth.L2), Progress.none())
                .problems())
        .isEmpty();
  }

  @Test
  void onePercentThatChangedReadsAtMostFivePercent() throws Exception {
    try (var source = newest(Map.of())) {
      source.sql(table("large", 500_000), "VACUUM");
      BackupResult full = backUp(source);
      // An update changes the old row's page and the new one's: this is a hundredth of the pages.
      source.sql("UPDATE large SET t = 'other' WHERE n BETWEEN 200000 AND 202499");
      BackupResult changes = backUp(source);

      assertThat(changes.parent()).contains(full.snapshot());
      assertThat(changes.bytesRead()).isLessThan(full.bytesRead() / 20);
      assertThat(changes.bytesStored()).isLessThan(full.bytesStored() / 20);
      assertThat(changes.filesRead()).isLessThan(changes.filesTotal() / 2);
    }
  }

  @Test
  void whatCannotBeTakenAgainstTheParentIsTakenWholeAndSaysWhy() throws Exception {
    try (var source = newest(Map.of())) {
      source.sql(table("bulk", 2_000), "VACUUM");
      String first = backUp(source).snapshot();
      assertThat(backUp(source).parent()).contains(first);

      assertThat(backUp(config(source, Optional.of(false))).parent()).isEmpty();
      assertThat(events).hasSize(1);

      // The one that is remembered is still the second.
      fixture.both().maintenance().forget(List.of(second()));
      assertFull(source, "which it could have been taken against, was forgotten");

      Path remembered = cache().resolve("parent");
      assertThat(Files.getPosixFilePermissions(remembered))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      byte[] bytes = Files.readAllBytes(remembered);
      bytes[bytes.length / 2] ^= 1;
      Files.write(remembered, bytes);
      assertFull(source, "this host remembers no earlier one");

      source.restart(Map.of("summarize_wal", "off", "autovacuum", "off"));
      assertFull(source, "ALTER SYSTEM SET summarize_wal = 'on'");
      source.sql("UPDATE bulk SET t = 'unseen'", "CHECKPOINT", "CHECKPOINT");

      // Nobody summarized the WAL since the parent: that, only the server knows.
      source.restart(Map.of("summarize_wal", "on", "autovacuum", "off"));
      assertFull(source, "the server takes no incremental one against snapshot");
      assertThat(backUp(source).parent()).isPresent();
    }
  }

  private void assertFull(SourceCluster source, String reason) {
    events.clear();
    assertThat(backUp(source).parent()).as(reason).isEmpty();
    // A server that refuses in the middle may have a warning before.
    assertThat(events).last().asString().contains("A full backup is taken", reason);
  }

  private String second() {
    return fixture.reader().snapshots().get(1).id();
  }

  @Test
  void aDamagedPageAmongThoseThatCameIsNamedAndTheNextBackupLooksAtAllAgain() throws Exception {
    try (var source = newest(Map.of())) {
      source.sql(table("bulk", 20_000), "VACUUM");
      BackupResult full = backUp(source);
      source.sql("UPDATE bulk SET t = 'other' WHERE n = 10000");
      long block =
          Long.parseLong(
              source.ask("SELECT (ctid::text::point)[0]::bigint FROM bulk WHERE n = 10000"));
      // Not before: whoever looks at the row changes its page.
      source.sql("CHECKPOINT");
      Path file = source.data().resolve(source.ask("SELECT pg_relation_filepath('bulk')"));
      try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek(block * 8192 + 8000);
        int old = bytes.read();
        bytes.seek(block * 8192 + 8000);
        bytes.write(old ^ 1);
      }

      BackupResult damaged = backUp(source);
      assertThat(damaged.parent()).contains(full.snapshot());
      assertThat(damaged.damage().orElseThrow())
          .contains("a page is damaged: block " + block + " of public.bulk in postgres");

      BackupResult whole = backUp(source);
      assertThat(whole.parent()).isEmpty();
      assertThat(whole.damage()).isEqualTo(damaged.damage());
    }
  }

  private SourceCluster newest(Map<String, String> settings) throws Exception {
    Map<String, String> all = new HashMap<>(settings);
    all.put("autovacuum", "off");
    return SourceCluster.summarizing(versions().getFirst(), folder.resolve("source"), all);
  }

  private static String table(String name, int rows) {
    return "CREATE TABLE "
        + name
        + " AS SELECT n, md5(n::text) t, repeat('x', 100) pad FROM generate_series(1, "
        + rows
        + ") n";
  }

  private BackupResult backUp(SourceCluster source) {
    return backUp(config(source, Optional.empty()));
  }

  private static SourceConfig config(SourceCluster source, Optional<Boolean> incremental) {
    return new SourceConfig.Postgres(
        Optional.empty(),
        source.url(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        incremental,
        Optional.empty(),
        Optional.empty());
  }

  private BackupResult backUp(SourceConfig config) {
    return new BackupEngine(
            new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC())
        .run(
            new BackupEngine.Order(
                fixture.writer(), "shop-nightly", "shop", config, List.of(), cache()),
            new Events(events));
  }

  private Path cache() {
    return folder.resolve("cache");
  }

  /** Restores a snapshot, holds it against its manifest, starts it and asks for its tables. */
  private Map<String, String> restored(PostgresPrograms programs, String snapshot)
      throws Exception {
    Path data = folder.resolve("restored-" + snapshot);
    try (SnapshotReader reader = fixture.reader().read(snapshot);
        ClusterTarget target =
            new RestoreOptions(false, false, false, Ownership.ofWhoRestores())
                .cluster(data, new Random(1))) {
      new RestoreEngine().restore(reader, RestoreSelection.everything(), target, Progress.none());
      BackupManifest manifest =
          BackupManifest.parse(Files.readAllBytes(data.resolve("backup_manifest")));
      assertThat(
              new FolderVerification(data, target.tablespaces())
                  .problems(manifest, Progress.none()))
          .isEmpty();
      ClusterFacts facts = ClusterFacts.fromJson(reader.root().facts());
      assertThat(manifest.withoutHash() > 0)
          .isEqualTo(facts.capture().orElseThrow().parent().isPresent());
    }
    try (var copy = SourceCluster.restored(programs, data)) {
      return digests(copy);
    }
  }

  /** Of each table how many rows it has and what is in them, and what its index says. */
  private static Map<String, String> digests(SourceCluster cluster) {
    Map<String, String> digests = new LinkedHashMap<>();
    String names =
        cluster.ask(
            "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class"
                + " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
    for (String name : names.split(",", -1)) {
      digests.put(
          name,
          cluster.ask(
              "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM "
                  + name
                  + " t"));
    }
    digests.put("index", cluster.ask("SELECT count(*) FROM large WHERE n BETWEEN 1 AND 59999"));
    return digests;
  }
}
