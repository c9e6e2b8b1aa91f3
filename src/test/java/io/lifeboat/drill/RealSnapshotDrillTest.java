package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.EvidenceLocker;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.store.folder.FolderStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, repository, restore and drill as they are put together in earnest. */
@Tag("slow")
class RealSnapshotDrillTest {
  private static final SigningKey KEY = SigningKey.generate(new SecureRandom());

  @TempDir Path folder;
  private FolderStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    store = new FolderStore(folder.resolve("store"));
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private SnapshotInfo backUp(SourceConfig source) {
    return info(run(source).snapshot());
  }

  private BackupResult run(SourceConfig source) {
    return new BackupEngine(
            new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC())
        .run(
            new BackupEngine.Order(
                fixture.writer(),
                "docs-nightly",
                "docs",
                source,
                List.of(),
                folder.resolve("cache")),
            Progress.none());
  }

  private SnapshotInfo info(String id) {
    return fixture.reader().snapshots().stream()
        .filter(info -> info.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private DrillResult drill(String id, SnapshotInfo info, PlanConfig.Check... checks)
      throws Exception {
    var request =
        new DrillRequest(
            id,
            Clock.systemUTC().instant(),
            "test",
            "docs-nightly",
            "0".repeat(64),
            Optional.of(ScratchKind.process),
            Optional.empty(),
            Optional.of(SourceCluster.programs()),
            Optional.empty(),
            List.of(checks),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    EvidenceLocker locker = fixture.writer().evidence();
    EvidenceStore evidence = (drill, record) -> locker.keep("docs", drill, record);
    try (var scratches =
        new ScratchFactory(folder.resolve("work"), FolderTarget::new, Clock.systemUTC())) {
      return new DrillEngine(scratches, Clock.systemUTC())
          .run(
              request,
              info,
              () -> fixture.reader().read(info.id()),
              KEY,
              evidence,
              Progress.none());
    }
  }

  @Test
  void aTreeOfEveryKindOfFileIsProvenAndTheSnapshotListSaysSo() throws Exception {
    Path tree = Files.createDirectory(folder.resolve("artifacts"));
    Files.writeString(tree.resolve("plain.txt"), "hello");
    Files.createFile(tree.resolve("empty"));
    Files.createLink(tree.resolve("hard"), tree.resolve("plain.txt"));
    Files.createSymbolicLink(tree.resolve("soft"), Path.of("../nowhere/at all"));
    Files.writeString(tree.resolve("name with ünïcödé"), "u");
    Files.setAttribute(Files.writeString(tree.resolve("program"), "#!/bin/sh"), "unix:mode", 04755);
    byte[] random = new byte[3_000_000];
    new Random(1).nextBytes(random);
    Files.write(tree.resolve("big.bin"), random);
    try (var sparse = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
      sparse.seek(40_000_000);
      sparse.write(7);
      sparse.setLength(60_000_000);
    }
    Files.setPosixFilePermissions(
        Files.createDirectory(tree.resolve("hollow")),
        PosixFilePermissions.fromString("r-x------"));
    SnapshotInfo info = backUp(new SourceConfig.Files(List.of(tree), List.of()));

    DrillResult result = drill("dr-1", info);
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L6);
    SnapshotInfo.Proof proof = info(info.id()).proof().orElseThrow();
    assertThat(proof.verdict()).isEqualTo("PASS");
    assertThat(proof.level()).isEqualTo("L6");
    byte[] kept = fixture.reader().evidence().find("dr-1").orElseThrow();
    assertThat(EvidenceVerifier.verify(kept, List.of(KEY.verifyKey())).valid()).isTrue();
  }

  @Test
  void aClusterIsProvenFromTheRepositoryAndOneChangedByteInItIsNot() throws Exception {
    SnapshotInfo info;
    try (var source = SourceCluster.start(folder.resolve("source"))) {
      source.sql(
          "create table public.orders(id int primary key, note text)",
          "insert into public.orders select i, md5(i::text) from generate_series(1, 20000) i");
      info =
          backUp(
              new SourceConfig.Postgres(
                  Optional.empty(),
                  source.url(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()));
    }
    var check =
        new PlanConfig.Check(
            "APP-1",
            "select count(*) from orders",
            "= 20000",
            "orders are missing",
            Optional.empty());
    DrillResult result = drill("dr-1", info, check);
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L7);
    assertThat(result.rpo().orElseThrow()).isPositive();
    assertThat(results(result))
        .containsEntry("CNT-1", Verdict.PASS)
        .containsEntry("DIG-1", Verdict.PASS);
    DrillSummary.Terms terms = info(info.id()).proof().orElseThrow().terms().orElseThrow();
    assertThat(terms.server()).startsWith("postgres 1");
    assertThat(terms.rtoMillis()).isEqualTo(result.rto().toMillis());
    assertThat(terms.sizeBytes()).isEqualTo(info.sizeBytes());

    Path pack;
    try (Stream<Path> packs = Files.walk(folder.resolve("store"))) {
      pack =
          packs
              .filter(file -> file.toString().contains("/p/d/") && Files.isRegularFile(file))
              .findFirst()
              .orElseThrow();
    }
    try (var file = new RandomAccessFile(pack.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int b = file.read();
      file.seek(file.length() / 2);
      file.write(b ^ 1);
    }
    DrillResult damaged = drill("dr-2", info, check);
    assertThat(damaged.verdict()).as("%s", damaged.checks()).isEqualTo(Verdict.FAIL);
    assertThat(results(damaged))
        .containsEntry("OBJ-1", Verdict.FAIL)
        .containsEntry("APP-1", Verdict.SKIPPED);
    assertThat(damaged.level()).isEmpty();
    assertThat(info(info.id()).proof().orElseThrow().verdict()).isEqualTo("FAIL");
  }

  /** Files that were put together have no hash: the manifest says so, and holds nevertheless. */
  @Test
  void aClusterOfWhichOnlyChangesWereReadIsProvenLikeAnyOther() throws Exception {
    SnapshotInfo info;
    try (var source =
        SourceCluster.summarizing(
            SourceCluster.versionsSince(18).getFirst(), folder.resolve("source"), Map.of())) {
      source.sql(
          "create table public.orders(id int primary key, note text)",
          "insert into public.orders select i, md5(i::text) from generate_series(1, 20000) i",
          "vacuum");
      SourceConfig config =
          new SourceConfig.Postgres(
              Optional.empty(),
              source.url(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      String parent = run(config).snapshot();
      source.sql("update public.orders set note = 'changed' where id = 10000");
      BackupResult changes = run(config);
      assertThat(changes.parent()).contains(parent);
      info = info(changes.snapshot());
    }
    var check =
        new PlanConfig.Check(
            "APP-1",
            "select count(*) from orders where note = 'changed'",
            "= 1",
            "the change is missing",
            Optional.empty());
    DrillResult result = drill("dr-1", info, check);
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L7);
    assertThat(result.checks())
        .filteredOn(found -> found.id().equals("MAN-1"))
        .singleElement()
        .satisfies(
            found -> assertThat(found.detail()).matches(".* of [1-9][0-9]* files the size alone"));
  }

  /** Damage that the source had before: every byte arrives as it was, and is wrong. */
  @Test
  void aFlippedByteOfTheSourceIsToldWithTheBackupAndIsNeverProven() throws Exception {
    BackupResult backup;
    try (var source = SourceCluster.start(folder.resolve("source"))) {
      source.sql(
          "create table public.orders(id int primary key, note text)",
          "insert into public.orders select i, md5(i::text) from generate_series(1, 20000) i",
          // What counts rows must not write the page anew from the server's memory.
          "vacuum public.orders",
          "checkpoint");
      String path = source.ask("select pg_relation_filepath('public.orders')");
      try (var file = new RandomAccessFile(folder.resolve("source/data/" + path).toFile(), "rw")) {
        file.seek(5 * 8192 + 4321);
        int b = file.read();
        file.seek(5 * 8192 + 4321);
        file.write(b ^ 0xFF);
      }
      backup =
          run(
              new SourceConfig.Postgres(
                  Optional.empty(),
                  source.url(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()));
    }

    assertThat(backup.damage().orElseThrow())
        .contains("a page is damaged: block 5 of public.orders in postgres");
    assertThat(backup.failure().orElseThrow().code()).isEqualTo(ErrorCode.SOURCE_DAMAGED);
    SnapshotInfo info = info(backup.snapshot());
    assertThat(info.tags()).containsExactly("damaged-source");
    DrillResult result = drill("dr-1", info);
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.FAIL);
    assertThat(results(result))
        .containsEntry("MAN-1", Verdict.PASS)
        .containsEntry("PAG-1", Verdict.FAIL)
        .containsEntry("BOOT-1", Verdict.PASS);
    assertThat(result.level()).isEmpty();
    assertThat(info(info.id()).proof().orElseThrow().verdict()).isEqualTo("FAIL");
  }

  private static Map<String, Verdict> results(DrillResult result) {
    return result.checks().stream().collect(Collectors.toMap(CheckResult::id, CheckResult::result));
  }
}
