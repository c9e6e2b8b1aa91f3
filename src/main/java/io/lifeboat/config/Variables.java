package io.lifeboat.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts environment variables into values: <code>${NAME}</code> and <code>${NAME:-default}</code>;
 * <code>$${</code> stands for <code>${</code> itself. Works on values after the YAML was parsed, so
 * that a password may hold any character and a comment may hold a variable.
 */
final class Variables {
  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$(?<escape>\\$\\{)|\\$\\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<fallback>[^}]*))?}");

  private final Map<String, String> environment;
  private final YamlDocument document;

  private Variables(Map<String, String> environment, YamlDocument document) {
    this.environment = environment;
    this.document = document;
  }

  /**
   * Answers the document with every variable replaced.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} for a variable that is not set and
   *     has no default
   */
  static YamlDocument substitute(YamlDocument document, Map<String, String> environment) {
    var replaced = new Variables(environment, document).in(document.tree(), "");
    return new YamlDocument(document.file(), (ObjectNode) replaced, document.lines());
  }

  private JsonNode in(JsonNode node, String path) {
    return switch (node) {
      case ObjectNode object -> {
        ObjectNode copy = object.objectNode();
        object
            .properties()
            .forEach(field ->
                copy.set(field.getKey(), in(field.getValue(), below(path, field.getKey()))));
        yield copy;
      }
      case ArrayNode array -> {
        ArrayNode copy = array.arrayNode();
        for (int i = 0; i < array.size(); i++) {
          copy.add(in(array.get(i), below(path, Integer.toString(i))));
        }
        yield copy;
      }
      case TextNode text -> TextNode.valueOf(in(text.textValue(), path));
      default -> node;
    };
  }

  private String in(String text, String path) {
    return REFERENCE
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(value(match, path)));
  }

  private String value(MatchResult reference, String path) {
    if (reference.group("escape") != null) {
      return "${";
    }
    String name = reference.group("name");
    String set = environment.get(name);
    if (set != null) {
      return set;
    }
    String fallback = reference.group("fallback");
    if (fallback != null) {
      return fallback;
    }
    throw new PermanentException(
        ErrorCode.CONFIG_INVALID,
        document.where(path) + ", " + path + ": the environment variable " + name + " is not set",
        "Set " + name + " before the start, or write ${" + name + ":-default}.");
  }

  private static String below(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
