package io.lifeboat.api;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;

/**
 * An error as RFC 9457 has it, with Lifeboat's code, what to do next and whether to try again.
 *
 * @param type a URN that stands for the code
 * @param instance the path that was asked for
 * @param suggestion the next step, as a sentence
 * @param runbook where to read on, in the distribution's folder
 */
record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    String code,
    String suggestion,
    String runbook,
    boolean retryable) {
  static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(LifeboatException e, String instance) {
    return of(
        e.code(),
        String.valueOf(e.getMessage()),
        e.hint(),
        e instanceof TransientException,
        instance);
  }

  static Problem of(
      ErrorCode code, String detail, String suggestion, boolean retryable, String instance) {
    return new Problem(
        "urn:lifeboat:problem:" + code.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        title(code),
        status(code),
        detail,
        instance,
        code.name(),
        suggestion,
        code.runbook(),
        retryable);
  }

  Response response() {
    var response = Response.status(status).type(MediaType.valueOf(MEDIA_TYPE)).entity(this);
    if (status == Response.Status.UNAUTHORIZED.getStatusCode()) {
      response.header("WWW-Authenticate", "Bearer realm=\"lifeboat\"");
    }
    if (retryable) {
      response.header("Retry-After", "5");
    }
    return response.build();
  }

  private static String title(ErrorCode code) {
    String words = code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case UNAUTHENTICATED -> 401;
      case RESOURCE_UNKNOWN, OPERATION_UNKNOWN, EVIDENCE_UNKNOWN -> 404;
      case METHOD_NOT_ALLOWED -> 405;
      case MEDIA_TYPE_UNSUPPORTED -> 415;
      case PLAN_UNKNOWN,
          SOURCE_UNKNOWN,
          REPOSITORY_UNKNOWN,
          SNAPSHOT_UNKNOWN,
          PATH_UNKNOWN,
          IDEMPOTENCY_KEY_REUSED ->
          422;
      case INTERNAL -> 500;
      default ->
          switch (code.kind()) {
            case USAGE -> 400;
            case REFUSED, INTERRUPTED -> 409;
            case INTEGRITY -> 500;
            case ENVIRONMENT -> 503;
          };
    };
  }
}
