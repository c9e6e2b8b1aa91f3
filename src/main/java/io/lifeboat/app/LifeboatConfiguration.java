package io.lifeboat.app;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.server.DefaultServerFactory;
import io.dropwizard.jetty.HttpConnectorFactory;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The service's configuration: the web framework's keys in the framework's shape, and Lifeboat's
 * {@link Settings}.
 */
public final class LifeboatConfiguration extends Configuration {
  static final int APPLICATION_PORT = 8420;
  static final int ADMIN_PORT = 8421;

  /** Libraries whose every step at a start is of no use to an operator. */
  private static final Map<String, JsonNode> QUIET =
      Stream.of(
              "org.eclipse.jetty",
              "org.flywaydb",
              "org.quartz",
              "io.dropwizard.core",
              "io.dropwizard.jersey")
          .collect(Collectors.toMap(name -> name, name -> TextNode.valueOf("WARN")));

  private @Nullable Settings settings;
  private @Nullable Path file;

  /**
   * Listens on loopback until the configuration says otherwise: nobody exposes a backup service by
   * leaving a key out.
   */
  public LifeboatConfiguration() {
    var server = new DefaultServerFactory();
    server.setApplicationConnectors(List.of(loopback(APPLICATION_PORT)));
    server.setAdminConnectors(List.of(loopback(ADMIN_PORT)));
    setServerFactory(server);
    var logging = new DefaultLoggingFactory();
    logging.setLoggers(QUIET);
    setLoggingFactory(logging);
  }

  /**
   * Reads a {@code config.yml}.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code CONFIG_INVALID}
   */
  static LifeboatConfiguration read(
      Path file, Map<String, String> environment, ObjectMapper mapper) {
    var read = ConfigurationFile.read(file, environment);
    var strict = mapper.copy().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    var configuration = read.framework(LifeboatConfiguration.class, strict);
    configuration.settings = read.settings();
    configuration.file = read.path();
    return configuration;
  }

  /** Lifeboat's own part. */
  @JsonIgnore
  public Settings settings() {
    if (settings == null) {
      throw new IllegalStateException("The configuration was not read from a file");
    }
    return settings;
  }

  /** The file that this was read from, absolute. */
  @JsonIgnore
  public Path file() {
    if (file == null) {
      throw new IllegalStateException("The configuration was not read from a file");
    }
    return file;
  }

  private static HttpConnectorFactory loopback(int port) {
    var connector = new HttpConnectorFactory();
    connector.setBindHost("127.0.0.1");
    connector.setPort(port);
    return connector;
  }
}
