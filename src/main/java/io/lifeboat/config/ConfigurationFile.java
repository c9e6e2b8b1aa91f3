package io.lifeboat.config;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A {@code config.yml} that was read: variables replaced, Lifeboat's own keys bound and checked,
 * the web server's keys kept for whoever starts one. Commands that need no web server never pay for
 * binding its keys.
 */
public final class ConfigurationFile {
  /** Top-level keys that belong to the web framework. */
  private static final Set<String> FRAMEWORK_KEYS =
      Set.of("server", "logging", "metrics", "admin", "health");

  private static final String H2_FILE = "jdbc:h2:file:";

  private final YamlDocument document;
  private final Settings settings;

  private ConfigurationFile(YamlDocument document, Settings settings) {
    this.document = document;
    this.settings = settings;
  }

  /**
   * Reads a file.
   *
   * @param environment the variables that values may name
   * @throws PermanentException with code {@code CONFIG_INVALID}, with file, line, field and what to
   *     do
   */
  public static ConfigurationFile read(Path file, Map<String, String> environment) {
    var document = Variables.substitute(YamlDocument.read(file), environment);
    refuseUnknownTopLevel(document);
    var binder = new Binder(document);
    var own = document.tree().deepCopy().retain(ownKeys());
    var settings =
        withDefaults(binder.bind(own, Written.class, binder.strictMapper()), document.file());
    SettingsCheck.check(settings, document);
    return new ConfigurationFile(document, settings);
  }

  /** The file's absolute path. */
  public Path path() {
    return document.file();
  }

  /** Lifeboat's own part. */
  public Settings settings() {
    return settings;
  }

  /**
   * Binds the web framework's part with its own mapper; an unknown key is an error here as
   * everywhere.
   */
  public <T> T framework(Class<T> type, ObjectMapper mapper) {
    ObjectNode part = document.tree().deepCopy().retain(FRAMEWORK_KEYS);
    return new Binder(document).bind(part, type, mapper);
  }

  private static Collection<String> ownKeys() {
    return Arrays.stream(Written.class.getRecordComponents())
        .map(RecordComponent::getName)
        .collect(Collectors.toSet());
  }

  private static void refuseUnknownTopLevel(YamlDocument document) {
    var known = new TreeSet<>(ownKeys());
    known.addAll(FRAMEWORK_KEYS);
    List<String> unknown =
        document.tree().properties().stream()
            .map(Map.Entry::getKey)
            .filter(key -> !known.contains(key))
            .toList();
    if (!unknown.isEmpty()) {
      String key = unknown.getFirst();
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          document.where(key) + ", " + key + ": unknown key",
          Spelling.hint(key, known));
    }
  }

  private static Settings withDefaults(Written written, Path file) {
    Path folder = file.resolveSibling("");
    var database =
        written
            .database()
            .orElseGet(() ->
                new Settings.Database(
                    H2_FILE + "./var/lifeboat", Optional.empty(), Optional.empty()));
    Path workFolder = written.workFolder().orElseGet(() -> folder.resolve("var"));
    return new Settings(
        new Settings.Database(
            resolved(database.url(), folder), database.user(), database.password()),
        new Settings.Keys(
            written.keys().flatMap(Keys::service).orElseGet(() -> folder.resolve("service.key")),
            written.keys().flatMap(Keys::recovery)),
        workFolder,
        new Settings.Operations(
            written.operations().flatMap(Operations::parallel).orElse(2),
            written.operations().flatMap(Operations::stopWithin).orElse(Duration.ofSeconds(30))),
        new Settings.WalPush(
            written.walPush().flatMap(WalPush::socket).orElse(workFolder.resolve("push/socket")),
            written.walPush().flatMap(WalPush::group)),
        written.repositories(),
        written.sources(),
        written.plans());
  }

  /**
   * H2 takes relative files from the working folder; here they belong to the configuration as all
   * paths do.
   */
  private static String resolved(String url, Path folder) {
    if (!url.startsWith(H2_FILE + "./") && !url.startsWith(H2_FILE + "../")) {
      return url;
    }
    String rest = url.substring(H2_FILE.length());
    int options = rest.indexOf(';');
    String file = options < 0 ? rest : rest.substring(0, options);
    return H2_FILE
        + folder.resolve(file).normalize()
        + (options < 0 ? "" : rest.substring(options));
  }

  /** Lifeboat's part as it may be written: {@link Settings} before its defaults. */
  record Written(
      Optional<Settings.Database> database,
      Optional<Keys> keys,
      Optional<Path> workFolder,
      Optional<Operations> operations,
      Optional<WalPush> walPush,
      Map<String, Settings.Repository> repositories,
      Map<String, SourceConfig> sources,
      Map<String, PlanConfig> plans) {}

  /** {@link Settings.Keys} before its defaults. */
  record Keys(Optional<Path> service, Optional<Path> recovery) {}

  /** {@link Settings.WalPush} before its defaults. */
  record WalPush(Optional<Path> socket, Optional<String> group) {}

  /** {@link Settings.Operations} before its defaults. */
  record Operations(Optional<Integer> parallel, Optional<Duration> stopWithin) {}
}
