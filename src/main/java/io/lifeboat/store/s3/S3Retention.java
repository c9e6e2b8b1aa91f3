package io.lifeboat.store.s3;

import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.store.ObjectRetention;
import java.time.Instant;
import java.util.Optional;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Locks of a bucket with object lock. They are those of an object's current version, which is the
 * one that was written: no later put of the name can have succeeded.
 */
final class S3Retention implements ObjectRetention {
  private final S3Store store;
  private final String bucket;
  private final ObjectLock.Mode mode;
  private final S3Client client;

  S3Retention(S3Store store, String bucket, ObjectLock.Mode mode, S3Client client) {
    this.store = store;
    this.bucket = bucket;
    this.mode = mode;
    this.client = client;
  }

  @Override
  public Optional<Instant> retainedUntil(String name) {
    String key = store.key(name);
    // Not HEAD: to whoever may not see locks it answers as if there were none.
    return store.retry("read the lock of " + name, () -> readLock(name, key));
  }

  private Optional<Instant> readLock(String name, String key) {
    try {
      var answer = client.getObjectRetention(get -> get.bucket(bucket).key(key));
      return Optional.ofNullable(answer.retention()).map(lock -> lock.retainUntilDate());
    } catch (S3Exception e) {
      if (S3Failures.code(e).equals("NoSuchObjectLockConfiguration")) {
        return Optional.empty();
      }
      // Ceph 16 says of an object without a lock that there is no such object.
      if (S3Store.isNoSuchKey(e) && store.head(name).isPresent()) {
        return Optional.empty();
      }
      throw missingOr(e, name);
    }
  }

  @Override
  public void extend(String name, Instant until) {
    String key = store.key(name);
    store.retry("extend the lock of " + name, () -> writeLock(name, key, until));
  }

  private Instant writeLock(String name, String key, Instant until) {
    try {
      client.putObjectRetention(put ->
          put.bucket(bucket)
              .key(key)
              .retention(lock -> lock.mode(mode.name()).retainUntilDate(until)));
      return until;
    } catch (S3Exception e) {
      throw missingOr(e, name);
    }
  }

  private RuntimeException missingOr(S3Exception e, String name) {
    return S3Store.isNoSuchKey(e) ? store.missing(name) : e;
  }
}
