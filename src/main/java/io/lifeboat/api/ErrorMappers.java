package io.lifeboat.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.lifeboat.config.Spelling;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever goes wrong while a request is answered into a {@link Problem}. */
final class ErrorMappers {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorMappers.class);

  private ErrorMappers() {}

  static List<Object> all() {
    return List.of(new OfLifeboat(), new OfJson(), new OfHttp(), new OfAnything());
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

  /** A body that is no JSON, or not the JSON that this path takes. */
  static final class OfJson extends Mapper implements ExceptionMapper<JsonProcessingException> {
    @Override
    public Response toResponse(JsonProcessingException e) {
      return switch (e) {
        case UnrecognizedPropertyException unknown ->
            invalid(
                "The field '" + unknown.getPropertyName() + "' is not known here",
                Spelling.hint(
                    unknown.getPropertyName(),
                    unknown.getKnownPropertyIds().stream().map(Object::toString).toList()));
        case JsonMappingException mapping
            when mapping.getOriginalMessage().startsWith("Null value") ->
            invalid("The field '" + field(mapping) + "' is missing", "Add it to the body.");
        case JsonMappingException mapping ->
            invalid(
                "The field '" + field(mapping) + "' has a value that does not fit", "Correct it.");
        default -> invalid("The body is not JSON", "Send one JSON object.");
      };
    }

    private static String field(JsonMappingException e) {
      return e.getPath().stream()
          .map(step -> String.valueOf(step.getFieldName()))
          .collect(Collectors.joining("."));
    }

    private Response invalid(String detail, String suggestion) {
      return Problem.of(ErrorCode.USAGE_INVALID, detail, suggestion, false, path()).response();
    }
  }

  /** What Jersey says: no such path, no such method, no such media type. */
  static final class OfHttp extends Mapper implements ExceptionMapper<WebApplicationException> {
    @Override
    public Response toResponse(WebApplicationException e) {
      int status = e.getResponse().getStatus();
      var problem =
          switch (status) {
            case 404 ->
                problem(
                    ErrorCode.RESOURCE_UNKNOWN,
                    "There is nothing at this path",
                    "The API's paths begin with /v1.");
            case 405 ->
                problem(
                    ErrorCode.METHOD_NOT_ALLOWED,
                    "This path does not take that method",
                    "Allowed here: " + e.getResponse().getHeaderString("Allow") + ".");
            case 406, 415 ->
                problem(
                    ErrorCode.MEDIA_TYPE_UNSUPPORTED,
                    "This path speaks another media type",
                    "Send and accept application/json.");
            default ->
                status >= 500
                    ? internal(e, path())
                    : problem(
                        ErrorCode.USAGE_INVALID,
                        "The request cannot be understood",
                        "Correct it: " + e.getMessage());
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
      return internal(e, path()).response();
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
