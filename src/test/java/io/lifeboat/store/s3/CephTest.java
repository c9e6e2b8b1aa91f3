package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.config.Secret;
import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectRetention;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.ContractExamination;
import io.lifeboat.store.probe.StoreReport;
import io.lifeboat.store.probe.Traces;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Locks and the probe against a real Ceph RADOS Gateway: {@code set -a; eval
 * "$(scripts/radosgw-up)"} starts one and sets what this looks for.
 */
@EnabledIfEnvironmentVariable(
    named = "S3_WORK",
    matches = ".+",
    disabledReason = "no Ceph: see scripts/radosgw-up")
class CephTest {
  private static final ObjectLock LOCK =
      new ObjectLock(ObjectLock.Mode.COMPLIANCE, Duration.ofDays(1));

  @Test
  void aLockedObjectCannotBeRemovedAndItsLockOnlyGrows() {
    S3Settings settings = bucket(true).locked(LOCK);
    Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    try (var store = new S3Store(settings);
        var client = S3Connection.open(settings)) {
      ObjectRetention retention = store.retention().orElseThrow();
      store.putIfAbsent("p/d/x", new Body.Bytes(new byte[] {1}));
      Instant until = retention.retainedUntil("p/d/x").orElseThrow();
      assertThat(until).isBetween(before.plus(LOCK.retain()), Instant.now().plus(LOCK.retain()));

      Instant later = until.plus(Duration.ofDays(1));
      retention.extend("p/d/x", later);
      assertThat(retention.retainedUntil("p/d/x")).contains(later);
      assertThat(failureOf(() -> retention.extend("p/d/x", until)))
          .isEqualTo(ErrorCode.STORE_DENIED);
      assertThat(failureOf(() -> retention.retainedUntil("p/d/none")))
          .isEqualTo(ErrorCode.OBJECT_MISSING);
      assertThat(retention.retainedUntil("p/d/x")).contains(later);

      String version =
          client.headObject(head -> head.bucket(settings.bucket()).key("prod/p/d/x")).versionId();
      var refusal =
          catchThrowableOfType(
              S3Exception.class,
              () ->
                  client.deleteObject(delete ->
                      delete.bucket(settings.bucket()).key("prod/p/d/x").versionId(version)));
      assertThat(refusal.statusCode()).isEqualTo(403);
    }
  }

  @Test
  void anObjectWithoutALockIsSaidToHaveNone() {
    S3Settings settings = bucket(true);
    try (var plain = new S3Store(settings);
        var locking = new S3Store(settings.locked(LOCK))) {
      plain.putIfAbsent("p/d/x", new Body.Bytes(new byte[] {1}));

      assertThat(locking.retention().orElseThrow().retainedUntil("p/d/x")).isEmpty();
    }
  }

  @Test
  void withoutVersionsItIsSafeAndWithThemItIsNot() {
    StoreReport plain = probe(bucket(false));
    assertThat(plain.isSafe()).as(plain.toString()).isTrue();

    StoreReport versioned = probe(bucket(true));
    assertThat(versioned.isSafe()).isFalse();
    assertThat(versioned.capabilities())
        .filteredOn(row -> row.name().equals("conditional put with versions"))
        .extracting(Capability::answer)
        .containsExactly(Capability.Answer.NO);
  }

  private static StoreReport probe(S3Settings settings) {
    try (var store = new S3Store(settings);
        var bucket = new S3Examination(settings, Clock.systemUTC())) {
      return StoreReport.of(
          store,
          java.util.List.of(new ContractExamination(), bucket),
          new Traces(new SecureRandom()));
    }
  }

  private static S3Settings bucket(boolean locks) {
    String name = "test-" + UUID.randomUUID();
    var settings =
        new S3Settings(
            Optional.of(URI.create(System.getenv("S3_ENDPOINT"))),
            "us-east-1",
            name,
            "prod",
            true,
            Optional.of(
                new S3Settings.Credentials(
                    new Secret(System.getenv("AWS_ACCESS_KEY_ID")),
                    new Secret(System.getenv("AWS_SECRET_ACCESS_KEY")))));
    try (S3Client client = S3Connection.open(settings)) {
      client.createBucket(make -> make.bucket(name).objectLockEnabledForBucket(locks));
    }
    return settings;
  }

  private static ErrorCode failureOf(Runnable call) {
    return catchThrowableOfType(PermanentException.class, call::run).code();
  }
}
