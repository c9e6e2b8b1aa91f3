package io.lifeboat.store.s3;

import static java.util.Objects.requireNonNullElse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectName;
import io.lifeboat.store.ObjectRetention;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects of an S3 bucket, below a prefix. Conditional puts use {@code If-None-Match: *}; bodies go
 * in one request, so an object has at most 5 GiB. Up to 64 requests run at once; further threads
 * wait for their turn. Where the settings say so, each object is written with a lock, probes aside.
 */
public final class S3Store implements ObjectStore {
  private final S3Settings settings;
  private final S3Client client;
  private final S3Failures failures;
  private final Retries retries;
  private final S3Lock lock;
  private final String keyPrefix;
  private final AtomicBoolean bucketSeen = new AtomicBoolean();

  /** Opens a client that counts locks by the system's clock; nothing is sent yet. */
  public S3Store(S3Settings settings) {
    this(settings, Clock.systemUTC());
  }

  /**
   * Opens a client; nothing is sent yet.
   *
   * @param clock from which locks are counted
   */
  public S3Store(S3Settings settings, Clock clock) {
    this(settings, S3Connection.open(settings), Thread::sleep, clock);
  }

  S3Store(S3Settings settings, S3Client client, Retries.Pause pause) {
    this(settings, client, pause, Clock.systemUTC());
  }

  S3Store(S3Settings settings, S3Client client, Retries.Pause pause, Clock clock) {
    this.settings = settings;
    this.client = client;
    this.failures = new S3Failures(settings);
    this.retries = new Retries(pause);
    this.lock = new S3Lock(settings.objectLock(), clock);
    this.keyPrefix = settings.keyPrefix();
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(settings.bucket()).key(key(name)).ifNoneMatch("*");
    lock.addTo(request, name, body);
    PutObjectRequest finished = request.build();
    var mayHaveWritten = new AtomicBoolean();
    return retries.run(() -> putOnce(finished, name, body, mayHaveWritten));
  }

  private PutOutcome putOnce(
      PutObjectRequest request, String name, Body body, AtomicBoolean mayHaveWritten) {
    try {
      client.putObject(request, S3Bytes.content(body));
      bucketSeen.set(true);
      return PutOutcome.CREATED;
    } catch (SdkException e) {
      if (status(e) == 412) {
        boolean own = mayHaveWritten.get() && holds(name, body);
        return own ? PutOutcome.CREATED : PutOutcome.EXISTS;
      }
      if (status(e) == 501) {
        boolean locking = request.objectLockMode() != null;
        throw new PermanentException(
            ErrorCode.STORE_UNSAFE,
            describe()
                + " does not implement "
                + (locking ? "object lock, or " : "")
                + "conditional writes (If-None-Match)",
            locking
                ? "`lifeboat probe` tells which. Use a store that has both, or leave"
                    + " store.objectLock out."
                : "Use a store that honours If-None-Match, or a folder.",
            e);
      }
      LifeboatException failure = failures.translate(e, "write " + name);
      if (failure instanceof TransientException && status(e) != 409) {
        // The server may have taken the object, with only its answer lost: then the next attempt
        // meets our own object.
        mayHaveWritten.set(true);
      }
      throw failure;
    }
  }

  /**
   * Whether an object has exactly these bytes. Sizes first: to read a pack only to compare it is
   * not free.
   */
  private boolean holds(String name, Body body) {
    long thereBytes = headOnce(name).map(ObjectInfo::sizeBytes).orElse(-1L);
    return thereBytes == body.sizeBytes()
        && S3Bytes.equal(getOnce(name, Optional.empty(), thereBytes), body);
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return retries.run(() -> getOnce(name, Optional.empty(), mostBytes));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    if (offsetBytes < 0 || lengthBytes < 0) {
      throw new IllegalArgumentException("Not a range: " + offsetBytes + " + " + lengthBytes);
    }
    if (lengthBytes == 0) {
      // HTTP has no empty ranges.
      if (head(name).isEmpty()) {
        throw missing(name);
      }
      return new byte[0];
    }
    String range = "bytes=" + offsetBytes + "-" + (offsetBytes + lengthBytes - 1);
    return retries.run(() -> getOnce(name, Optional.of(range), lengthBytes));
  }

  private byte[] getOnce(String name, Optional<String> range, long mostBytes) {
    var request = GetObjectRequest.builder().bucket(settings.bucket()).key(key(name));
    range.ifPresent(request::range);
    try {
      byte[] bytes = client.getObject(request.build(), S3Bytes.toArray(name, mostBytes));
      bucketSeen.set(true);
      return bytes;
    } catch (SdkException e) {
      if (status(e) == 416) {
        return new byte[0]; // starts at the object's end or beyond
      }
      if (isNoSuchKey(e)) {
        throw missing(name);
      }
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof PermanentException said) {
          throw said; // while the answer was read
        }
      }
      throw failures.translate(e, "read " + name);
    }
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return retries.run(() -> headOnce(name));
  }

  private Optional<ObjectInfo> headOnce(String name) {
    try {
      var answer = client.headObject(head -> head.bucket(settings.bucket()).key(key(name)));
      bucketSeen.set(true);
      return Optional.of(new ObjectInfo(name, answer.contentLength(), answer.lastModified()));
    } catch (SdkException e) {
      if (status(e) == 404) {
        requireBucket();
        return Optional.empty();
      }
      if (status(e) == 403) {
        // The answer to HEAD has no body and so no reason; GET says which key is wrong.
        getOnce(name, Optional.of("bytes=0-0"), 1);
      }
      throw failures.translate(e, "look for " + name);
    }
  }

  /**
   * Tells a missing object from a missing bucket: to HEAD, both are a bare 404. Asks for our prefix
   * only, as more may not be allowed.
   */
  private void requireBucket() {
    if (!bucketSeen.get()) {
      page(keyPrefix, Optional.empty(), 1);
    }
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    String wanted = keyPrefix + ObjectName.requirePrefix(prefix);
    return StreamSupport.stream(
        new S3Listing(token -> retries.run(() -> page(wanted, token, 1000)), keyPrefix), false);
  }

  private ListObjectsV2Response page(String prefix, Optional<String> token, int mostKeys) {
    var request =
        ListObjectsV2Request.builder().bucket(settings.bucket()).prefix(prefix).maxKeys(mostKeys);
    token.ifPresent(request::continuationToken);
    return ask("list " + prefix, () -> client.listObjectsV2(request.build()));
  }

  @Override
  public void delete(String name) {
    String key = key(name);
    retries.run(() ->
        ask(
            "remove " + name,
            () -> client.deleteObject(d -> d.bucket(settings.bucket()).key(key))));
  }

  /** The locks of this store's objects; empty if the settings say none. */
  public Optional<ObjectRetention> retention() {
    return settings
        .objectLock()
        .map(set -> new S3Retention(this, settings.bucket(), set.mode(), client));
  }

  <T> T retry(String action, Supplier<T> request) {
    return retries.run(() -> ask(action, request));
  }

  private <T> T ask(String action, Supplier<T> request) {
    try {
      T answer = request.get();
      bucketSeen.set(true);
      return answer;
    } catch (SdkException e) {
      throw failures.translate(e, action);
    }
  }

  @Override
  public String describe() {
    return "s3://" + settings.bucket() + "/" + settings.prefix() + " at " + settings.server();
  }

  @Override
  public void close() {
    client.close();
  }

  String key(String name) {
    return keyPrefix + ObjectName.require(name);
  }

  PermanentException missing(String name) {
    return new PermanentException(
        ErrorCode.OBJECT_MISSING,
        "There is no object " + name + " in " + describe(),
        "Check that store.bucket and store.prefix are the repository's; if they are, the object was"
            + " removed or lost.");
  }

  static boolean isNoSuchKey(SdkException e) {
    return e instanceof S3Exception answer
        && answer.statusCode() == 404
        && !S3Failures.code(answer).equals("NoSuchBucket");
  }

  private static int status(SdkException e) {
    return e instanceof S3Exception answer ? requireNonNullElse(answer.statusCode(), 0) : 0;
  }
}
