package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectRetention;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3LockTest {
  private static final Instant NOW = Instant.parse("2126-03-01T00:00:00.987654321Z");
  private static final Instant LOCKED_UNTIL = Instant.parse("2126-03-31T00:00:00Z");
  private static final ObjectLock LOCK =
      new ObjectLock(ObjectLock.Mode.COMPLIANCE, Duration.ofDays(30));

  @TempDir Path folder;
  private LockingS3 server;
  private S3Store store;
  private ObjectRetention retention;

  @BeforeEach
  void open() throws Exception {
    server = new LockingS3();
    store = new S3Store(server.settings().locked(LOCK), Clock.fixed(NOW, ZoneOffset.UTC));
    retention = store.retention().orElseThrow();
  }

  @AfterEach
  void close() {
    store.close();
    server.close();
  }

  @Test
  void whatIsWrittenIsLockedFromThenOnForTheConfiguredTime() throws Exception {
    byte[] bytes = "a pack".getBytes(StandardCharsets.UTF_8);
    Path spooled = Files.write(folder.resolve("spooled"), bytes);
    store.putIfAbsent("p/d/memory", new Body.Bytes(bytes));
    store.putIfAbsent("p/d/file", new Body.SpooledFile(spooled, bytes.length));

    assertThat(retention.retainedUntil("p/d/memory")).contains(LOCKED_UNTIL);
    assertThat(retention.retainedUntil("p/d/file")).contains(LOCKED_UNTIL);
    assertThat(server.seen())
        .filteredOn(request -> request.method().equals("PUT"))
        .hasSize(2)
        .allSatisfy(request -> {
          assertThat(request.headers().getFirst("x-amz-object-lock-mode")).isEqualTo("COMPLIANCE");
          assertThat(request.headers().getFirst("Content-MD5"))
              .isEqualTo("I39E3fUYMX5tJW4iaEKq2g==");
        });
    assertDenied(() -> store.delete("p/d/memory"));
  }

  @Test
  void aLockIsExtendedAndNeverShortened() {
    store.putIfAbsent("p/d/x", new Body.Bytes(new byte[10]));
    Instant later = LOCKED_UNTIL.plus(Duration.ofDays(7));

    retention.extend("p/d/x", later);

    assertThat(retention.retainedUntil("p/d/x")).contains(later);
    assertDenied(() -> retention.extend("p/d/x", LOCKED_UNTIL));
    assertThat(retention.retainedUntil("p/d/x")).contains(later);
  }

  @Test
  void aMissingObjectIsNotTakenForAnUnlockedOne() {
    for (Runnable call :
        new Runnable[] {
          () -> retention.retainedUntil("p/d/none"),
          () -> retention.extend("p/d/none", LOCKED_UNTIL)
        }) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(call::run)
          .withMessageContaining("p/d/none")
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.OBJECT_MISSING));
    }
  }

  @Test
  void cephsWrongAnswerForAnUnlockedObjectIsNotTakenForAMissingOne() throws Exception {
    try (var ceph = new LockingS3(LockingS3.Trait.NO_LOCK_NO_KEY);
        var plain = new S3Store(ceph.settings());
        var locking = new S3Store(ceph.settings().locked(LOCK))) {
      plain.putIfAbsent("p/d/x", new Body.Bytes(new byte[10]));

      assertThat(locking.retention().orElseThrow().retainedUntil("p/d/x")).isEmpty();
    }
  }

  @Test
  void aProbeIsNotLockedSoThatItDoesNotStayForAMonth() {
    store.putIfAbsent("probe/x", new Body.Bytes(new byte[10]));

    assertThat(retention.retainedUntil("probe/x")).isEmpty();
    store.delete("probe/x");
    assertThat(store.head("probe/x")).isEmpty();
  }

  @Test
  void withoutTheSettingNothingIsLockedAndNoDigestIsTaken() {
    try (var plain = new S3Store(server.settings())) {
      plain.putIfAbsent("p/d/plain", new Body.Bytes(new byte[10]));

      assertThat(plain.retention()).isEmpty();
      assertThat(retention.retainedUntil("p/d/plain")).isEmpty();
      assertThat(server.seen())
          .filteredOn(request -> request.method().equals("PUT"))
          .singleElement()
          .satisfies(request -> {
            assertThat(request.headers()).doesNotContainKey("Content-md5");
            assertThat(request.headers().keySet())
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).contains("lock"))
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).contains("checksum"));
          });
    }
  }

  @Test
  void aServerWithoutLocksSaysSoInsteadOfDroppingThem() throws Exception {
    try (var proxy = EmbeddedS3.inMemory().createBucket("vault");
        var locking = new S3Store(proxy.settings("vault", "prod").locked(LOCK))) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(() -> locking.putIfAbsent("p/d/x", new Body.Bytes(new byte[10])))
          .withMessageContaining("object lock")
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNSAFE));
      assertThat(locking.list("")).isEmpty();
    }
  }

  private static void assertDenied(Runnable call) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(call::run)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_DENIED));
  }
}
