package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.BucketPolicy.Dialect;
import io.lifeboat.repository.BucketPolicy.Role;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.StoreProbe;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.ContractExamination;
import io.lifeboat.store.probe.StoreReport;
import io.lifeboat.store.probe.Traces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The printed policies, enforced: each part can be done, and nothing can be destroyed. */
class BucketPolicyTest {
  private static final Optional<ObjectLock> LOCK =
      Optional.of(new ObjectLock(ObjectLock.Mode.COMPLIANCE, Duration.ofDays(30)));

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;
  private final BackupEngine engine =
      new BackupEngine(new SnapshotIds(Clock.systemUTC(), new SecureRandom()), Clock.systemUTC());

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"prod", "", "a/b"})
  void aBackupRunsUnderTheWritersPolicyAndNeverRemovesAnything(String prefix) throws Exception {
    write(3_000_000);
    PolicedStore first = policed(Role.WRITER, prefix);
    backUp(first, "cache");
    // Without its cache, and with index and chunks known from the store alone.
    PolicedStore second = policed(Role.WRITER, prefix);
    backUp(second, "other-cache");

    assertThat(fixture.reader().snapshots()).hasSize(2);
    for (PolicedStore used : List.of(first, second)) {
      assertThat(used.asked()).allMatch(PolicedStore.Asked::granted);
      assertThat(used.asked()).noneMatch(asked -> asked.action().equals("s3:DeleteObject"));
      assertThat(reads(used, prefix)).isSubsetOf("format", "log", "x", "p");
      // Of packs, what the backup has written itself is read back, and no other.
      assertThat(packs(used, "s3:GetObject")).isNotEmpty().isEqualTo(packs(used, "s3:PutObject"));
    }
    // After a lost answer the adapter for S3 compares what is there with what it has sent.
    for (ObjectInfo object : store.list("").toList()) {
      assertThat(second.isGranted("s3:GetObject", object.name(), Map.of())).isTrue();
    }
  }

  @Test
  void awsRefusesAWriterEveryRemovalAndEveryOverwritingWhateverElseItIsAllowed() throws Exception {
    write(100_000);
    backUp(policed(Role.WRITER, "prod"), "cache");
    List<ObjectInfo> objects = store.list("").toList();
    assertThat(objects).hasSizeGreaterThan(6);

    for (PolicedStore thief :
        List.of(
            policed(Role.WRITER, "prod"),
            policed(Role.WRITER, "prod").allowedEverythingElsewhere())) {
      for (ObjectInfo object : objects) {
        byte[] before = store.get(object.name());
        assertDenied(() -> thief.delete(object.name()));
        assertDenied(() -> thief.overwrite(object.name(), new byte[1]));
        assertThat(store.get(object.name())).isEqualTo(before);
        for (String action :
            List.of(
                "s3:DeleteObjectVersion",
                "s3:BypassGovernanceRetention",
                "s3:PutObjectRetention",
                "s3:PutObjectLegalHold")) {
          assertThat(thief.isGranted(action, object.name(), Map.of())).as(action).isFalse();
        }
      }
      for (String action :
          List.of("s3:PutLifecycleConfiguration", "s3:PutBucketPolicy", "s3:PutBucketVersioning")) {
        assertThat(thief.isGranted(action, "", Map.of())).as(action).isFalse();
      }
    }
  }

  @Test
  void cephStillRefusesAWriterEveryRemovalButNotOverwriting() throws Exception {
    var thief =
        new PolicedStore(
            store,
            "vault",
            "prod",
            new BucketPolicy(Dialect.CEPH, "vault", "prod", "x", Optional.empty())
                .text(Role.WRITER));
    write(100_000);
    backUp(thief, "cache");

    assertDenied(() -> thief.delete("format"));
    thief.overwrite("log/0000000000000000", new byte[1]);
    assertThat(store.get("log/0000000000000000")).hasSize(1);
  }

  @Test
  void aWriterWithLocksMaySetThemForTheConfiguredTimeAndNoLonger() throws Exception {
    var policy = new BucketPolicy(Dialect.AWS, "vault", "prod", "x", LOCK).text(Role.WRITER);
    var writer = new PolicedStore(store, "vault", "prod", policy);

    assertThat(writer.isGranted("s3:PutObjectRetention", "p/d/x", days(30))).isTrue();
    assertThat(writer.isGranted("s3:PutObjectRetention", "p/d/x", days(400))).isFalse();
    assertThat(writer.isGranted("s3:BypassGovernanceRetention", "p/d/x", Map.of())).isFalse();
  }

  @Test
  void aReaderRestoresAndChangesNothing() throws Exception {
    Path file = write(3_000_000);
    String snapshot = backUp(policed(Role.WRITER, "prod"), "cache");
    PolicedStore reading = policed(Role.READER, "prod");

    Path target = folder.resolve("restored");
    try (SnapshotReader reader = fixture.through(reading).reader().read(snapshot);
        var folderTarget = new FolderTarget(target)) {
      new RestoreEngine()
          .restore(reader, RestoreSelection.everything(), folderTarget, Progress.none());
    }
    assertThat(target.resolve("docs/file")).hasSameBinaryContentAs(file);
    assertThat(
            fixture
                .through(reading)
                .reader()
                .verification()
                .run(Verification.Depth.L2, Progress.none())
                .problems())
        .isEmpty();

    assertThat(reading.asked())
        .extracting(PolicedStore.Asked::action)
        .containsOnly("s3:GetObject", "s3:ListBucket");
    assertDenied(() -> reading.delete("format"));
    assertDenied(() -> reading.overwrite("format", new byte[1]));
    assertDenied(() -> new ProbedStore(reading, probe()).require());
  }

  @Test
  void maintenancePrunesPacksAndIndexesButNeitherTheRecordNorAnythingLocked() throws Exception {
    write(100_000);
    backUp(policed(Role.WRITER, "prod"), "cache");
    PolicedStore maintaining = policed(Role.MAINTENANCE, "prod").allowedEverythingElsewhere();
    PolicedStore strictly = policed(Role.MAINTENANCE, "prod");
    new ProbedStore(strictly, probe()).require();

    for (ObjectInfo object : store.list("").toList()) {
      boolean prunable = object.name().startsWith("p/") || object.name().startsWith("x/");
      assertDenied(() -> maintaining.overwrite(object.name(), new byte[1]));
      assertThat(maintaining.isGranted("s3:DeleteObjectVersion", object.name(), Map.of()))
          .isFalse();
      assertThat(strictly.isGranted("s3:PutObjectRetention", object.name(), days(400))).isTrue();
      if (prunable) {
        strictly.delete(object.name());
      } else {
        assertDenied(() -> maintaining.delete(object.name()));
      }
    }
    assertThat(store.list("p/")).isEmpty();
  }

  @Test
  void aProbeUnderTheWritersPolicyFindsThatItIsAWriters() throws Exception {
    StoreReport report =
        StoreReport.of(
            policed(Role.WRITER, "prod"),
            List.of(new ContractExamination()),
            new Traces(new SecureRandom()));

    assertThat(report.isSafe()).isTrue();
    assertThat(report.capabilities().getLast().answer()).isEqualTo(Capability.Answer.NO);
    assertThat(report.left()).isNotEmpty();
  }

  private PolicedStore policed(Role role, String prefix) throws Exception {
    var policy = new BucketPolicy(Dialect.AWS, "vault", prefix, "x", Optional.empty());
    return new PolicedStore(store, "vault", prefix, policy.text(role));
  }

  private String backUp(PolicedStore through, String cache) {
    Repository repository = fixture.through(new ProbedStore(through, probe())).writer();
    Path docs = folder.resolve("docs");
    var order =
        new BackupEngine.Order(
            repository,
            "docs-nightly",
            "docs",
            new SourceConfig.Files(List.of(docs), List.of()),
            List.of(),
            folder.resolve(cache));
    return engine.run(order, Progress.none()).snapshot();
  }

  private Path write(int size) throws Exception {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Files.write(Files.createDirectories(folder.resolve("docs")).resolve("file"), bytes);
  }

  /** The first parts of the names of what was read. */
  private static List<String> reads(PolicedStore store, String prefix) {
    String folder = "arn:aws:s3:::vault/" + (prefix.isEmpty() ? "" : prefix + "/");
    return store.asked().stream()
        .filter(asked -> asked.action().equals("s3:GetObject"))
        .map(asked -> asked.resource().substring(folder.length()).split("/", 2)[0])
        .distinct()
        .collect(Collectors.toList());
  }

  /** The packs that were asked for. */
  private static Set<String> packs(PolicedStore store, String action) {
    return store.asked().stream()
        .filter(asked -> asked.action().equals(action))
        .map(PolicedStore.Asked::resource)
        .filter(resource -> resource.contains("/p/"))
        .collect(Collectors.toSet());
  }

  private static Map<String, String> days(int number) {
    return Map.of("s3:object-lock-remaining-retention-days", String.valueOf(number));
  }

  private static void assertDenied(Runnable call) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(call::run)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_DENIED));
  }

  private static StoreProbe probe() {
    return new StoreProbe(new SecureRandom());
  }
}
