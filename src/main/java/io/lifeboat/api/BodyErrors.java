package io.lifeboat.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.lifeboat.config.Spelling;
import io.lifeboat.error.ErrorCode;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A body that is no JSON, or not the JSON that this path takes: says where, and what would fit. */
final class BodyErrors extends ErrorMappers.Mapper
    implements ExceptionMapper<JsonProcessingException> {
  private static final String ONE_OBJECT = "Send one JSON object, such as {\"name\": \"value\"}.";

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
          when mapping.getCause() instanceof JsonParseException parsing ->
          noJson(parsing);
      case JsonMappingException mapping
          when mapping.getOriginalMessage().startsWith("Null value") ->
          invalid("The field '" + field(mapping) + "' is missing", "Add it to the body.");
      case ValueInstantiationException refused ->
          invalid("A list in the body has null where a value has to be", "Leave the null out.");
      case MismatchedInputException other when field(other).isEmpty() ->
          invalid("The body is JSON, but not an object", ONE_OBJECT);
      case MismatchedInputException other ->
          invalid(
              "The field '" + field(other) + "' has a value that does not fit",
              "Send " + expected(other.getTargetType()) + ".");
      default -> noJson(e);
    };
  }

  private Response noJson(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    return invalid(
        "The body is not JSON"
            + (at == null ? "" : ", see line " + at.getLineNr() + ", column " + at.getColumnNr()),
        ONE_OBJECT);
  }

  private static String expected(Class<?> type) {
    if (type.isEnum()) {
      return "one of these as a string: "
          + Arrays.stream(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    if (type == Duration.class) {
      return "a duration as a string, such as \"P30D\" or \"PT12H\"";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    return List.class.isAssignableFrom(type) ? "a list of strings" : "a string";
  }

  private static String field(JsonMappingException e) {
    return e.getPath().stream()
        .map(JsonMappingException.Reference::getFieldName)
        .filter(Objects::nonNull)
        .collect(Collectors.joining("."));
  }

  private Response invalid(String detail, String suggestion) {
    return Problem.of(ErrorCode.USAGE_INVALID, detail, suggestion, false, path()).response();
  }
}
