package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** The JSON of signed and sealed records: one line, instants as ISO 8601, unknown keys refused. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new Jdk8Module())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .injectableValues(
              new InjectableValues.Std()
                  .addValue(LogRecord.Writer.ALL_ROLES, EnumSet.allOf(Role.class))
                  .addValue(LogRecord.Evidence.NO_NUMBER, 0L)
                  .addValue(LogRecord.Evidence.NO_DOCUMENT, "")
                  .addValue(SnapshotInfo.NO_TAGS, List.of())
                  .addValue(SnapshotInfo.NO_WAL, Optional.empty())
                  .addValue(DrillSummary.NO_TERMS, Optional.empty()))
          .build();

  private Json() {}

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of ours cannot be written as JSON", e);
    }
  }

  static <T> T read(String json, Class<T> type, String where) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          where + " is not understood: " + e.getOriginalMessage(),
          "If a newer Lifeboat wrote this repository, use that version. " + Hints.VERIFY,
          e);
    }
  }
}
