package io.lifeboat.store.s3;

import static java.util.Objects.requireNonNullElse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the SDK's and a server's errors mean, and which field of the configuration to look at. */
final class S3Failures {
  private final S3Settings settings;

  S3Failures(S3Settings settings) {
    this.settings = settings;
  }

  /** The server's error code, or the empty text: answers to HEAD have none. */
  static String code(S3Exception error) {
    return Optional.ofNullable(error.awsErrorDetails()).map(AwsErrorDetails::errorCode).orElse("");
  }

  /**
   * Translates an error.
   *
   * @param action what was tried, as a verb with its object: {@code write log/0}
   */
  LifeboatException translate(SdkException error, String action) {
    String attempt =
        "Cannot " + action + " in bucket " + settings.bucket() + " at " + settings.server();
    return error instanceof S3Exception answer
        ? answered(answer, attempt)
        : unanswered(error, attempt);
  }

  private LifeboatException answered(S3Exception answer, String attempt) {
    String code = code(answer);
    int status = answer.statusCode();
    String message = attempt + ": HTTP " + status + (code.isEmpty() ? "" : " " + code);
    return switch (code) {
      case "NoSuchBucket" ->
          new PermanentException(
              ErrorCode.BUCKET_MISSING,
              "There is no bucket " + settings.bucket() + " at " + settings.server(),
              createBucketHint(),
              answer);
      case "InvalidAccessKeyId" ->
          denied(
              message, "The server does not know the key in store.accessKey: correct it.", answer);
      case "SignatureDoesNotMatch" ->
          denied(
              message, "store.secretKey does not belong to store.accessKey: correct it.", answer);
      case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
          denied(
              message, "The session credentials have expired: renew them and start again.", answer);
      case "RequestTimeTooSkewed" ->
          denied(
              message,
              "This machine's clock and the server's differ too much: set the clock.",
              answer);
      case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "EntityTooLarge" ->
          new PermanentException(
              ErrorCode.DISK_FULL,
              message,
              "Raise the bucket's or server's limit, or free space.",
              answer);
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          new PermanentException(
              ErrorCode.CONFIG_INVALID,
              message,
              "The bucket is in another region than store.region = "
                  + settings.region()
                  + region(answer).map(region -> ": set it to " + region).orElse(": correct it")
                  + ".",
              answer);
      default -> byStatus(answer, status, message);
    };
  }

  private LifeboatException byStatus(S3Exception answer, int status, String message) {
    if (status == 401 || status == 403) {
      return denied(
          message,
          "Grant these keys s3:GetObject, s3:PutObject and s3:ListBucket on the bucket"
              + " (s3:DeleteObject only to prune).",
          answer);
    }
    if (status == 507) {
      return new PermanentException(
          ErrorCode.DISK_FULL, message, "Free space on the server.", answer);
    }
    // 409: another conditional write or a delete of this name is under way. 408 and 429 ask for
    // patience.
    if (status == 501 || status < 500 && status != 408 && status != 409 && status != 429) {
      return new PermanentException(
          ErrorCode.IO_FAILED,
          message + ": " + requireNonNullElse(answer.getMessage(), "no reason given"),
          "The server does not accept this request: check that store.endpoint is an S3 server and"
              + " store.pathStyle fits it.",
          answer);
    }
    return new TransientException(
        ErrorCode.STORE_UNREACHABLE,
        message,
        "The server is in trouble: see its log, then start again.",
        answer);
  }

  private LifeboatException unanswered(SdkException error, String attempt) {
    if (error instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      return new PermanentException(
          ErrorCode.CANCELLED, attempt + ": interrupted", "Start again.", error);
    }
    String message = attempt + ": " + requireNonNullElse(error.getMessage(), error.toString());
    if (has(error, SSLHandshakeException.class)) {
      return new PermanentException(
          ErrorCode.STORE_UNREACHABLE,
          message,
          "No trusted TLS connection to store.endpoint: add its certificate to the JVM's trust"
              + " store, or correct the address.",
          error);
    }
    if (message.contains("Unable to load credentials")) {
      return denied(
          attempt + ": no credentials were found",
          "Set store.accessKey and store.secretKey, or AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY.",
          error);
    }
    return new TransientException(ErrorCode.STORE_UNREACHABLE, message, reachHint(error), error);
  }

  private String reachHint(SdkException error) {
    if (has(error, UnknownHostException.class)) {
      return "The host name of store.endpoint = "
          + settings.server()
          + " is unknown: correct it, or check the name server.";
    }
    if (has(error, ConnectException.class)) {
      return "Nobody answers at store.endpoint = "
          + settings.server()
          + ": start the server, or correct the address.";
    }
    return "Check the network between here and " + settings.server() + ", then start again.";
  }

  private String createBucketHint() {
    String endpoint = settings.endpoint().map(uri -> " --endpoint-url " + uri).orElse("");
    return "Create it: aws s3api create-bucket --bucket "
        + settings.bucket()
        + endpoint
        + "; or correct store.bucket.";
  }

  private static PermanentException denied(String message, String hint, SdkException cause) {
    return new PermanentException(ErrorCode.STORE_DENIED, message, hint, cause);
  }

  private static Optional<String> region(S3Exception answer) {
    return Optional.ofNullable(answer.awsErrorDetails())
        .map(AwsErrorDetails::sdkHttpResponse)
        .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"));
  }

  private static boolean has(Throwable error, Class<? extends Throwable> kind) {
    return Stream.iterate(error, cause -> cause != null, Throwable::getCause)
        .anyMatch(kind::isInstance);
  }
}
