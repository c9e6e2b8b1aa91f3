package io.lifeboat.store.s3;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.Examination;
import io.lifeboat.store.probe.Traces;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What only a bucket can be asked: versions, locks, digests, overwriting, the server's clock. */
public final class S3Examination implements Examination, AutoCloseable {
  private static final String WRONG_MD5 = "AAAAAAAAAAAAAAAAAAAAAA==";
  private static final String WRONG_SHA256 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  private static final int SMALL_BYTES = 4096;
  private static final Duration MOST_SKEW = Duration.ofMinutes(5);

  private final S3Settings settings;
  private final S3Client client;
  private final Clock clock;

  /** Opens a client of its own; nothing is sent yet. */
  public S3Examination(S3Settings settings, Clock clock) {
    this.settings = settings;
    this.client = S3Connection.open(settings);
    this.clock = clock;
  }

  @Override
  public List<Capability> run(ObjectStore store, Traces traces) {
    Optional<Boolean> versions = versions();
    return List.of(
        versioning(versions),
        conditionWithVersions(versions, store, traces),
        objectLock(),
        overwriting(store, traces),
        digest("Content-MD5", traces, "md5", put -> put.contentMD5(WRONG_MD5), this::rightMd5),
        digest(
            "x-amz-checksum-sha256",
            traces,
            "sha256",
            put -> put.checksumSHA256(WRONG_SHA256),
            put -> put.checksumSHA256(sha256(bytes("body")))),
        clockSkew(),
        Capability.unknown(
            "largest single put",
            "Not tried. Lifeboat sends each object in one request, packs of 64 MiB and more; S3"
                + " takes 5 GiB, but a proxy in between may not."));
  }

  private Optional<Boolean> versions() {
    try {
      var status = client.getBucketVersioning(get -> get.bucket(settings.bucket())).status();
      return Optional.of(status == BucketVersioningStatus.ENABLED);
    } catch (S3Exception e) {
      return e.statusCode() == 501 ? Optional.of(false) : Optional.empty();
    }
  }

  private static Capability versioning(Optional<Boolean> versions) {
    String name = "versions are kept";
    if (versions.isEmpty()) {
      return Capability.unknown(name, "This identity may not ask (s3:GetBucketVersioning).");
    }
    return Capability.told(
        name,
        versions.get(),
        versions.get()
            ? "What is deleted or overwritten can be brought back. Expire old versions by a"
                + " lifecycle rule; those of this probe stay until then."
            : "What is deleted or overwritten is gone. Object lock needs versions.");
  }

  /** The trap of Ceph 16: with versions, conditions are accepted and not looked at. */
  private Capability conditionWithVersions(
      Optional<Boolean> versions, ObjectStore store, Traces traces) {
    String name = "conditional put with versions";
    if (versions.isEmpty() || !versions.get()) {
      return Capability.unknown(
          name,
          "Versions are not known to be on. Probe again when they are: on Ceph 16 conditions are"
              + " ignored from then on.");
    }
    String object = traces.name("versions");
    Body body = new Body.Bytes(bytes("version"));
    var first = store.putIfAbsent(object, body);
    var second = store.putIfAbsent(object, body);
    boolean holds = first != second;
    return Capability.required(
        name,
        holds,
        holds
            ? "Versions, and so object lock, may be used here."
            : "This server ignores conditions where versions are kept (Ceph 16 does): choose one of"
                + " the two. Lifeboat needs the condition.");
  }

  private Capability objectLock() {
    String name = "object lock";
    boolean wanted = settings.objectLock().isPresent();
    Optional<ObjectLockConfiguration> found;
    try {
      found =
          Optional.ofNullable(
              client
                  .getObjectLockConfiguration(get -> get.bucket(settings.bucket()))
                  .objectLockConfiguration());
    } catch (S3Exception e) {
      if (e.statusCode() == 401 || e.statusCode() == 403) {
        return Capability.unknown(
            name, "This identity may not ask (s3:GetBucketObjectLockConfiguration).");
      }
      found = Optional.empty();
    }
    boolean on = found.filter(lock -> lock.objectLockEnabledAsString() != null).isPresent();
    String consequence =
        on
            ? "Objects can be locked against everybody. "
                + found
                    .flatMap(S3Examination::defaultRetention)
                    .orElse("The bucket sets no default")
                + "; store.objectLock is "
                + settings.objectLock().map(Object::toString).orElse("not set")
                + "."
            : "Nothing keeps an administrator of the bucket, or who stole that key, from removing"
                + " backups"
                + (wanted ? "; store.objectLock is set, and puts with a lock will fail." : ".");
    return wanted
        ? Capability.required(name, on, consequence)
        : Capability.told(name, on, consequence);
  }

  private static Optional<String> defaultRetention(ObjectLockConfiguration lock) {
    if (lock.rule() == null || lock.rule().defaultRetention() == null) {
      return Optional.empty();
    }
    DefaultRetention set = lock.rule().defaultRetention();
    String time = set.days() != null ? set.days() + " days" : set.years() + " years";
    return Optional.of("The bucket sets " + set.modeAsString() + " for " + time + " by default");
  }

  private Capability overwriting(ObjectStore store, Traces traces) {
    String object = traces.name("overwritten");
    store.putIfAbsent(object, new Body.Bytes(bytes("first")));
    Optional<Integer> refusal = put(object, "second", put -> {});
    boolean may =
        refusal.isEmpty() && Arrays.equals(store.get(object, SMALL_BYTES), bytes("second"));
    return Capability.told(
        "this identity may overwrite",
        may,
        may
            ? "Lifeboat never does, but whoever takes the key can. On AWS the policy of `lifeboat"
                + " policy --role writer` forbids it; elsewhere versions keep what was there."
            : "A put without If-None-Match is refused (HTTP "
                + refusal.map(String::valueOf).orElse("200, without effect")
                + "): a stolen key cannot overwrite backups.");
  }

  private Capability digest(
      String header,
      Traces traces,
      String use,
      Consumer<PutObjectRequest.Builder> wrong,
      Consumer<PutObjectRequest.Builder> right) {
    String name = header + " is verified";
    // With a condition, because to a backup node nothing else may be allowed.
    Optional<Integer> refusal =
        put(traces.name(use + "-wrong"), "body", wrong.andThen(put -> put.ifNoneMatch("*")));
    Optional<Integer> mistake =
        put(traces.name(use + "-right"), "body", right.andThen(put -> put.ifNoneMatch("*")));
    if (mistake.isPresent() || refusal.filter(status -> status != 400).isPresent()) {
      return Capability.unknown(
          name, "Puts that carry it are refused for another reason, right or wrong.");
    }
    return Capability.told(
        name,
        refusal.isPresent(),
        refusal.isPresent()
            ? "A body that was damaged on its way is refused."
            : "A wrong digest was accepted. Lifeboat's puts are covered by their signature or by"
                + " TLS, and every read is verified.");
  }

  private void rightMd5(PutObjectRequest.Builder put) {
    put.contentMD5(S3Bytes.md5(new Body.Bytes(bytes("body"))));
  }

  /** Puts an object, with these headers too; answers the status of the refusal, if there is one. */
  private Optional<Integer> put(
      String name, String body, Consumer<PutObjectRequest.Builder> headers) {
    var request = PutObjectRequest.builder();
    request.bucket(settings.bucket()).key(settings.keyPrefix() + name);
    headers.accept(request);
    try {
      client.putObject(request.build(), S3Bytes.content(new Body.Bytes(bytes(body))));
      return Optional.empty();
    } catch (S3Exception e) {
      if (e.statusCode() >= 500 && e.statusCode() != 501) {
        throw failed(e, "write " + name);
      }
      return Optional.of(e.statusCode());
    } catch (SdkException e) {
      throw failed(e, "write " + name);
    }
  }

  private Capability clockSkew() {
    String name = "clocks agree";
    Instant before = clock.instant();
    Optional<String> said = date();
    Instant after = clock.instant();
    Optional<Instant> theirs = said.flatMap(S3Examination::parse);
    if (theirs.isEmpty()) {
      return Capability.unknown(name, "The server's answers carry no date.");
    }
    Instant ours = before.plus(Duration.between(before, after).dividedBy(2));
    Duration ahead = Duration.between(ours, theirs.get());
    boolean close = ahead.abs().compareTo(MOST_SKEW) <= 0;
    // The header has no fraction of a second: half of one was cut off, on average.
    long seconds = ahead.plusMillis(500).toSeconds();
    String fact = "The server's clock is " + seconds + " s ahead of this machine's (within 1 s). ";
    return Capability.told(
        name,
        close,
        fact
            + (close
                ? "Signatures are refused from 15 minutes on."
                : "At 15 minutes every request is refused, and locks are counted from a wrong time:"
                    + " set the clock."));
  }

  private Optional<String> date() {
    try {
      var answer =
          client.listObjectsV2(
              l -> l.bucket(settings.bucket()).prefix(settings.keyPrefix()).maxKeys(1));
      return answer.sdkHttpResponse().firstMatchingHeader("Date");
    } catch (SdkException e) {
      throw failed(e, "list " + settings.keyPrefix());
    }
  }

  private static Optional<Instant> parse(String date) {
    try {
      return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private LifeboatException failed(SdkException e, String action) {
    return new S3Failures(settings).translate(e, action);
  }

  private static String sha256(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    client.close();
  }
}
