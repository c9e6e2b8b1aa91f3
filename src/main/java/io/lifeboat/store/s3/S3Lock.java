package io.lifeboat.store.s3;

import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.store.Body;
import io.lifeboat.store.StoreProbe;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * The lock that is put on an object as it is written. S3 takes such a put only with a digest of the
 * body in a header. The SDK adds none of its own to a put (it is set to {@code WHEN_REQUIRED}, and
 * in its model a put requires none), so this does: Content-MD5, because AWS and Ceph both verify
 * it, while Ceph 16 ignores {@code x-amz-checksum-sha256}.
 */
final class S3Lock {
  private final Optional<ObjectLock> lock;
  private final Clock clock;

  S3Lock(Optional<ObjectLock> lock, Clock clock) {
    this.lock = lock;
    this.clock = clock;
  }

  /** Adds the lock's headers; none to a probe, which nobody needs the day after. */
  void addTo(PutObjectRequest.Builder request, String name, Body body) {
    if (lock.isEmpty() || name.startsWith(StoreProbe.PREFIX)) {
      return;
    }
    Instant until = clock.instant().plus(lock.get().retain()).truncatedTo(ChronoUnit.SECONDS);
    request
        .objectLockMode(lock.get().mode().name())
        .objectLockRetainUntilDate(until)
        .contentMD5(S3Bytes.md5(body));
  }
}
