package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.ContractExamination;
import io.lifeboat.store.probe.StoreReport;
import io.lifeboat.store.probe.Traces;
import io.lifeboat.store.s3.LockingS3.Trait;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3ExaminationTest {
  private static final ObjectLock LOCK =
      new ObjectLock(ObjectLock.Mode.GOVERNANCE, Duration.ofDays(30));

  @TempDir Path folder;

  @Test
  void aServerOfOursIsSafeAndKeepsNothingOfTheProbe() throws Exception {
    try (var memory = EmbeddedS3.inMemory().createBucket("vault");
        var files = EmbeddedS3.inFolder(folder.resolve("s3")).createBucket("vault")) {
      for (EmbeddedS3 server : List.of(memory, files)) {
        StoreReport report = probe(server.settings("vault", "prod"));

        assertThat(report.isSafe()).as(report.toString()).isTrue();
        assertThat(answer(report, "this identity may overwrite")).isEqualTo("YES");
        assertThat(answer(report, "this identity may delete")).isEqualTo("YES");
        assertThat(answer(report, "Content-MD5 is verified")).isEqualTo("YES");
        assertThat(answer(report, "x-amz-checksum-sha256 is verified")).isEqualTo("YES");
        assertThat(answer(report, "object lock")).isEqualTo("NO");
        assertThat(answer(report, "clocks agree")).isEqualTo("YES");
        assertThat(answer(report, "largest single put")).isEqualTo("UNKNOWN");
        try (var store = new S3Store(server.settings("vault", "prod"))) {
          assertThat(store.list("")).isEmpty();
        }
      }
    }
  }

  @Test
  void cephsTrapIsFoundAndNamed() throws Exception {
    try (var server = new LockingS3(Trait.VERSIONED, Trait.DEAF_WITH_VERSIONS)) {
      StoreReport report = probe(server.settings());

      assertThat(report.isSafe()).isFalse();
      Capability trap = row(report, "conditional put with versions");
      assertThat(trap.answer()).isEqualTo(Capability.Answer.NO);
      assertThat(trap.consequence()).contains("Ceph 16", "choose one");
      assertThat(row(report, ContractExamination.CONDITIONAL_PUT).isSafe()).isFalse();
    }
  }

  @Test
  void versionsThatHonourConditionsAreSafeAndWithoutThemNothingIsClaimed() throws Exception {
    try (var with = new LockingS3(Trait.VERSIONED);
        var without = new LockingS3()) {
      assertThat(answer(probe(with.settings()), "versions are kept")).isEqualTo("YES");
      assertThat(answer(probe(with.settings()), "conditional put with versions")).isEqualTo("YES");
      assertThat(answer(probe(without.settings()), "versions are kept")).isEqualTo("NO");
      assertThat(answer(probe(without.settings()), "conditional put with versions"))
          .isEqualTo("UNKNOWN");
    }
  }

  @Test
  void aLockThatIsWantedIsRequiredOfTheBucket() throws Exception {
    try (var locks = new LockingS3(Trait.VERSIONED);
        var none = new LockingS3(Trait.NO_LOCKS)) {
      Capability found = row(probe(locks.settings().locked(LOCK)), "object lock");
      assertThat(found.answer()).isEqualTo(Capability.Answer.YES);
      assertThat(found.consequence()).contains("COMPLIANCE for 30 days by default", "GOVERNANCE");

      assertThat(probe(none.settings()).isSafe()).isTrue();
      StoreReport refused = probe(none.settings().locked(LOCK));
      assertThat(refused.isSafe()).isFalse();
      assertThat(row(refused, "object lock").consequence()).contains("puts with a lock will fail");
    }
  }

  @Test
  void anIdentityThatMayNotDeleteNorOverwriteIsRightForABackupNode() throws Exception {
    try (var server = new LockingS3(Trait.NO_DELETE, Trait.NO_OVERWRITE)) {
      StoreReport report = probe(server.settings());

      assertThat(report.isSafe()).isTrue();
      assertThat(answer(report, "this identity may delete")).isEqualTo("NO");
      assertThat(answer(report, "this identity may overwrite")).isEqualTo("NO");
      assertThat(answer(report, "Content-MD5 is verified")).isEqualTo("YES");
      assertThat(report.left()).hasSameSizeAs(server.keys());
    }
  }

  @Test
  void aWrongDigestThatIsAcceptedIsToldButNoReasonToRefuse() throws Exception {
    try (var server = new LockingS3(Trait.BLIND_TO_CHECKSUMS)) {
      StoreReport report = probe(server.settings());

      assertThat(answer(report, "x-amz-checksum-sha256 is verified")).isEqualTo("NO");
      assertThat(answer(report, "Content-MD5 is verified")).isEqualTo("YES");
      assertThat(report.isSafe()).isTrue();
    }
  }

  @Test
  void aClockThatIsWrongIsToldInSeconds() throws Exception {
    Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));
    try (var server = new LockingS3()) {
      Capability clocks = row(probe(server.settings(), behind), "clocks agree");

      assertThat(clocks.answer()).isEqualTo(Capability.Answer.NO);
      assertThat(clocks.consequence()).containsPattern("clock is 3(599|600|601) s ahead");
    }
  }

  private static StoreReport probe(S3Settings settings) {
    return probe(settings, Clock.systemUTC());
  }

  private static StoreReport probe(S3Settings settings, Clock clock) {
    try (var store = new S3Store(settings);
        var bucket = new S3Examination(settings, clock)) {
      return StoreReport.of(
          store, List.of(new ContractExamination(), bucket), new Traces(new SecureRandom()));
    }
  }

  private static String answer(StoreReport report, String name) {
    return row(report, name).answer().name();
  }

  private static Capability row(StoreReport report, String name) {
    return report.capabilities().stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no row " + name + " in " + report));
  }
}
