package io.lifeboat.api;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever goes wrong while a request is answered into a {@link Problem}. */
final class ErrorMappers {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorMappers.class);

  private static final String PATHS =
      "There are GET /v1/plans, /v1/snapshots, /v1/proofs, /v1/operations, /v1/operations/ID, its"
          + " /events and its /log, /v1/drills/ID/evidence; POST /v1/backups, /v1/restores,"
          + " /v1/drills, /v1/controls, /v1/prunes, /v1/verifications, /v1/operations/ID/cancel.";

  private ErrorMappers() {}

  static List<Object> all() {
    return List.of(new OfLifeboat(), new BodyErrors(), new OfHttp(), new OfAnything());
  }

  /** Knows which path was asked for. */
  abstract static class Mapper {
    @Context private @Nullable UriInfo request;

    String path() {
      return Paths.of(Objects.requireNonNull(request, "set by Jersey"));
    }
  }

  /** What Lifeboat says itself. */
  static final class OfLifeboat extends Mapper implements ExceptionMapper<LifeboatException> {
    @Override
    public Response toResponse(LifeboatException e) {
      return Problem.of(e, path()).response();
    }
  }

  /** What Jersey says: no such path, no such method, no such media type. */
  static final class OfHttp extends Mapper implements ExceptionMapper<WebApplicationException> {
    @Override
    public Response toResponse(WebApplicationException e) {
      int status = e.getResponse().getStatus();
      var problem =
          switch (status) {
            case 404 -> problem(ErrorCode.RESOURCE_UNKNOWN, "There is nothing at this path", PATHS);
            case 405 ->
                problem(
                    ErrorCode.METHOD_NOT_ALLOWED,
                    "This path does not take that method",
                    "Allowed here: " + e.getResponse().getHeaderString("Allow") + ".");
            case 406 ->
                problem(
                    ErrorCode.MEDIA_TYPE_UNSUPPORTED,
                    "This path cannot answer with what the header Accept asks for",
                    "Leave that header out, or accept application/json; of a log, text/plain.");
            case 415 ->
                problem(
                    ErrorCode.MEDIA_TYPE_UNSUPPORTED,
                    "This path does not take a body of the type that the header Content-Type names",
                    "Send JSON, with the header 'Content-Type: application/json'.");
            default ->
                status >= 500
                    ? internal(e, path())
                    : problem(
                        ErrorCode.USAGE_INVALID,
                        "The request cannot be understood, of which the web server says no more"
                            + " than its status "
                            + status,
                        "Check its headers; a POST takes one JSON object, with the header"
                            + " 'Content-Type: application/json'.");
          };
      var response = Response.fromResponse(problem.response());
      List<Object> allow = e.getResponse().getHeaders().get("Allow");
      if (allow != null) {
        allow.forEach(value -> response.header("Allow", value));
      }
      return response.build();
    }

    private Problem problem(ErrorCode code, String detail, String suggestion) {
      return Problem.of(code, detail, suggestion, false, path());
    }
  }

  /** What nobody expected: told in the log, not to the caller. */
  static final class OfAnything extends Mapper implements ExceptionMapper<Throwable> {
    @Override
    public Response toResponse(Throwable e) {
      boolean unzipping =
          Stream.iterate(e, Objects::nonNull, Throwable::getCause)
              .anyMatch(ZipException.class::isInstance);
      return (unzipping ? notCompressed() : internal(e, path())).response();
    }

    private Problem notCompressed() {
      return Problem.of(
          ErrorCode.USAGE_INVALID,
          "The body is not compressed as the header Content-Encoding says",
          "Leave that header out, or compress the body.",
          false,
          path());
    }
  }

  private static Problem internal(Throwable e, String path) {
    LOG.error("event=request-broken path={}", path, e);
    return Problem.of(
        ErrorCode.INTERNAL,
        "An error that Lifeboat does not know",
        "Look for this path in the service's log, and report it.",
        false,
        path);
  }
}
