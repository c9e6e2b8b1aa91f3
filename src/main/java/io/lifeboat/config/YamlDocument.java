package io.lifeboat.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A YAML file as a tree that remembers its lines, so that a mistake can be shown where it stands.
 *
 * @param file absolute
 * @param lines the line, from 1, on which each field's value starts; by dotted path
 */
record YamlDocument(Path file, ObjectNode tree, Map<String, Integer> lines) {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Reads a file.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} if it is missing or not a YAML
   *     mapping
   */
  static YamlDocument read(Path path) {
    Path file = path.toAbsolutePath().normalize();
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "There is no configuration file " + file,
          "Name it with --config FILE, or write one: config.yml of the distribution is a commented"
              + " start.",
          e);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "The configuration file " + file + " cannot be read: " + e.getMessage(),
          "Check that it is a text file in UTF-8 and that this user may read it.",
          e);
    }
    var mapper = new ObjectMapper(YAML);
    try {
      var tree = mapper.readTree(text);
      if (tree == null || tree.isMissingNode() || tree.isNull()) {
        return new YamlDocument(file, mapper.createObjectNode(), Map.of());
      }
      if (!(tree instanceof ObjectNode root)) {
        throw new PermanentException(
            ErrorCode.CONFIG_INVALID,
            file + " is not a mapping of keys to values",
            "Start from the commented config.yml of the distribution.");
      }
      return new YamlDocument(file, root, linesOf(text));
    } catch (JsonProcessingException e) {
      String where =
          Optional.ofNullable(e.getLocation()).map(at -> " line " + at.getLineNr()).orElse("");
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          file + where + ": " + firstLine(e.getOriginalMessage()),
          "Correct the YAML at that line; quote values that contain ': ', '#', '{' or '*'.",
          e);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "Reading " + file + " failed: " + e.getMessage(),
          "Try again.",
          e);
    }
  }

  /** The file and, where it is known, the line of a field or of the nearest field around it. */
  String where(String path) {
    String at = path;
    while (!at.isEmpty()) {
      Integer line = lines.get(at);
      if (line != null) {
        return file + " line " + line;
      }
      at = at.contains(".") ? at.substring(0, at.lastIndexOf('.')) : "";
    }
    return file.toString();
  }

  private static Map<String, Integer> linesOf(String text) throws IOException {
    var lines = new HashMap<String, Integer>();
    try (var parser = YAML.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token != JsonToken.END_OBJECT && token != JsonToken.END_ARRAY) {
          JsonLocation at = parser.currentTokenLocation();
          String pointer = parser.getParsingContext().pathAsPointer().toString();
          lines.putIfAbsent(dotted(pointer), at.getLineNr());
        }
      }
    }
    return lines;
  }

  private static String dotted(String pointer) {
    String path = pointer.startsWith("/") ? pointer.substring(1) : pointer;
    return path.replace("/", ".").replace("~1", "/").replace("~0", "~");
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("not readable as YAML");
  }
}
