package io.lifeboat.drill;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.TreeMap;

/** JSON objects on one line, keys sorted, without spaces: one text for one content. */
final class CanonicalJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private CanonicalJson() {}

  /** The one text of an object. */
  static String write(Map<String, ?> object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Evidence is plain data", e);
    }
  }

  /**
   * Reads such a text.
   *
   * @throws IllegalArgumentException with what is wrong, if it has any other form
   */
  static JsonNode read(String text) {
    JsonNode object;
    Object tree;
    try {
      object = JSON.readTree(text);
      tree = JSON.treeToValue(object, Object.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("its text is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!(tree instanceof Map<?, ?> fields) || !write(sorted(fields)).equals(text)) {
      throw new IllegalArgumentException("its text is not in the one form that evidence has");
    }
    return object;
  }

  private static Map<String, Object> sorted(Map<?, ?> fields) {
    Map<String, Object> sorted = new TreeMap<>();
    fields.forEach((key, value) -> sorted.put((String) key, value));
    return sorted;
  }
}
