package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.io.Serial;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Turns a document's tree into records, strictly: an unknown, missing or unreadable value is an
 * error that says where.
 */
final class Binder {
  private final YamlDocument document;

  Binder(YamlDocument document) {
    this.document = document;
  }

  /**
   * A mapper for Lifeboat's own records; relative paths are resolved against the document's folder.
   */
  ObjectMapper strictMapper() {
    Path folder = document.file().resolveSibling("").toAbsolutePath();
    var mapper =
        JsonMapper.builder()
            .addModules(new Jdk8Module(), new JavaTimeModule())
            .addModule(new SimpleModule().addDeserializer(Path.class, new PathsFrom(folder)))
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();
    // A list or mapping that is not written is an empty one.
    for (Class<?> container : List.of(List.class, Map.class)) {
      mapper
          .configOverride(container)
          .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
    }
    return mapper;
  }

  /** Binds a part of the document's tree. */
  <T> T bind(JsonNode tree, Class<T> type, ObjectMapper mapper) {
    try {
      return mapper.treeToValue(tree, type);
    } catch (JsonMappingException e) {
      throw explained(e);
    } catch (JsonProcessingException e) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          document.file() + ": " + e.getOriginalMessage(),
          "Correct that value.",
          e);
    }
  }

  private PermanentException explained(JsonMappingException e) {
    String path = pathOf(e);
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          invalid(
              path,
              "unknown key",
              Spelling.hint(
                  unknown.getPropertyName(),
                  unknown.getKnownPropertyIds().stream().map(Object::toString).toList()),
              e);
      case InvalidTypeIdException type when type.getTypeId() == null ->
          invalid(
              path, "'type' is missing", "Say which kind it is: " + firstSentence(type) + ".", e);
      case InvalidTypeIdException type ->
          invalid(
              path + ".type",
              "'" + type.getTypeId() + "' is not a known type",
              Spelling.hint(type.getTypeId(), knownTypes(type)),
              e);
      case InvalidFormatException format ->
          invalid(
              path,
              "'" + format.getValue() + "' is not " + wanted(format.getTargetType()),
              example(format),
              e);
      case MismatchedInputException missing
          when missing.getOriginalMessage().startsWith("Null value") ->
          missing(missing, path);
      case MismatchedInputException mismatch ->
          invalid(
              path,
              "the value is not " + wanted(mismatch.getTargetType()),
              "Correct that value.",
              e);
      default -> invalid(path, firstSentence(e), "Correct that value.", e);
    };
  }

  /**
   * A mistyped key also leaves its value missing: of the two, the mistyped key is what the reader
   * has to see.
   */
  private PermanentException missing(MismatchedInputException e, String path) {
    var last = e.getPath().getLast();
    if (last.getFrom() instanceof Class<?> type && type.isRecord()) {
      String parent = path.contains(".") ? path.substring(0, path.lastIndexOf('.')) : "";
      var known = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
      var written = document.tree().at(parent.isEmpty() ? "" : "/" + parent.replace(".", "/"));
      var mistyped =
          written
              .propertyStream()
              .map(Map.Entry::getKey)
              .filter(key -> !known.contains(key) && !key.equals("type"));
      var key = mistyped.findFirst();
      if (key.isPresent()) {
        String at = parent + "." + key.get();
        return invalid(at, "unknown key", Spelling.hint(key.get(), known), e);
      }
    }
    return invalid(path, "a value is missing", "Add '" + lastOf(path) + "'.", e);
  }

  private PermanentException invalid(String path, String fact, String hint, Throwable cause) {
    String field = path.isEmpty() ? "" : ", " + path;
    return new PermanentException(
        ErrorCode.CONFIG_INVALID, document.where(path) + field + ": " + fact, hint, cause);
  }

  private static String pathOf(JsonMappingException e) {
    return e.getPath().stream()
        .map(step ->
            step.getFieldName() == null ? Integer.toString(step.getIndex()) : step.getFieldName())
        .collect(Collectors.joining("."));
  }

  private static String lastOf(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static List<String> knownTypes(InvalidTypeIdException e) {
    String message = e.getOriginalMessage();
    int start = message.indexOf("known type ids = [");
    int end = message.indexOf(']', Math.max(start, 0));
    if (start < 0 || end < 0) {
      return List.of();
    }
    var ids = message.substring(start + "known type ids = [".length(), end).split(",\\s*");
    return new ArrayList<>(Arrays.asList(ids));
  }

  private static String wanted(Class<?> type) {
    if (type == null) {
      return "of the right kind";
    }
    if (type == Duration.class) {
      return "a duration";
    }
    if (type == ZoneId.class) {
      return "a time zone";
    }
    if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
      return "a whole number";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == String.class || type == Secret.class) {
      return "a text";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    return type.isEnum()
        ? "one of the words allowed here"
        : "of the right kind (" + type.getSimpleName() + ")";
  }

  private static String example(InvalidFormatException e) {
    Class<?> type = e.getTargetType();
    if (type.isEnum()) {
      var words = Arrays.stream(type.getEnumConstants()).map(Object::toString).toList();
      return Spelling.hint(String.valueOf(e.getValue()), words);
    }
    if (type == Duration.class) {
      return "Write ISO 8601: PT5M is five minutes, PT12H twelve hours, P7D seven days.";
    }
    if (type == ZoneId.class) {
      return "Write a name of the IANA database, such as Europe/Berlin or UTC.";
    }
    return "Correct that value.";
  }

  private static String firstSentence(JsonMappingException e) {
    String message = e.getOriginalMessage();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  /** Reads a path and resolves it against a folder. */
  private static final class PathsFrom extends StdScalarDeserializer<Path> {
    @Serial private static final long serialVersionUID = 1;

    private final transient Path folder;

    PathsFrom(Path folder) {
      super(Path.class);
      this.folder = folder;
    }

    @Override
    public Path deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      String text = parser.getValueAsString();
      if (text == null || text.isBlank()) {
        return (Path)
            context.handleWeirdStringValue(Path.class, String.valueOf(text), "an empty path");
      }
      return folder.resolve(text).normalize();
    }
  }
}
