package io.lifeboat.postgres;

import io.lifeboat.config.Secret;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a server is and who asks. Never shows the password.
 *
 * @param host a name or a number
 * @param socketFolder the folder of a Unix socket; then {@code host} only names it
 * @param options what libpq calls the same in a URL: {@code sslmode}, {@code sslrootcert}, …
 */
public record PostgresAddress(
    String host,
    int port,
    Optional<Path> socketFolder,
    String user,
    String database,
    Map<String, String> options,
    Optional<Secret> password) {
  private static final int DEFAULT_PORT = 5432;

  /** Option of a libpq URL → property of the driver. */
  private static final Map<String, String> DRIVER_NAMES =
      Map.of(
          "sslmode", "sslmode",
          "sslrootcert", "sslrootcert",
          "sslcert", "sslcert",
          "sslkey", "sslkey",
          "sslnegotiation", "sslNegotiation",
          "channel_binding", "channelBinding",
          "connect_timeout", "connectTimeout",
          "application_name", "ApplicationName");

  /** Option of a libpq URL → variable of the environment. */
  private static final Map<String, String> PROGRAM_NAMES =
      Map.of(
          "sslmode", "PGSSLMODE",
          "sslrootcert", "PGSSLROOTCERT",
          "sslcert", "PGSSLCERT",
          "sslkey", "PGSSLKEY",
          "sslnegotiation", "PGSSLNEGOTIATION",
          "channel_binding", "PGCHANNELBINDING",
          "connect_timeout", "PGCONNECT_TIMEOUT",
          "application_name", "PGAPPNAME");

  /** Copies the options. */
  public PostgresAddress {
    options = Map.copyOf(options);
  }

  /**
   * The address that a source's configuration names.
   *
   * @throws PermanentException {@code CONFIG_INVALID}, naming the field
   */
  public static PostgresAddress of(SourceConfig.Postgres config) {
    return parse(config.url(), config.password());
  }

  /**
   * The databases that a source's configuration names to be dumped: that of the url, if none.
   *
   * @throws PermanentException {@code CONFIG_INVALID}, naming the field
   */
  public static List<PostgresAddress> databasesOf(SourceConfig.Postgres config) {
    PostgresAddress address = of(config);
    List<String> names = config.dumping().databases();
    return names.isEmpty() ? List.of(address) : names.stream().map(address::withDatabase).toList();
  }

  /** A server that listens on a Unix socket, as a scratch copy does. */
  public static PostgresAddress socket(Path folder, int port, String user, String database) {
    return new PostgresAddress(
        "localhost",
        port,
        Optional.of(folder.toAbsolutePath()),
        user,
        database,
        Map.of(),
        Optional.empty());
  }

  /**
   * Reads {@code postgresql://user@host:port/database?sslmode=…}. A {@code host} option with a
   * folder names a Unix socket.
   *
   * @throws PermanentException {@code CONFIG_INVALID}, naming the field
   */
  public static PostgresAddress parse(String url, Optional<Secret> password) {
    URI uri = uri(url);
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    String user = decode(authority.substring(0, Math.max(at, 0)));
    if (user.isEmpty()) {
      throw invalid("url names no user", "Add one: postgresql://USER@host/database.");
    }
    if (authority.lastIndexOf(':', at) >= 0) {
      throw secretInUrl();
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (path.length() < 2) {
      throw invalid(
          "url names no database",
          "Add one: facts are asked and the canary is written there; the backup itself always has"
              + " every database.");
    }
    Map<String, String> options = options(uri.getRawQuery());
    Optional<Path> socketFolder =
        Optional.ofNullable(options.remove("host")).map(PostgresAddress::folder);
    HostAndPort server = HostAndPort.parse(authority.substring(at + 1), socketFolder.isPresent());
    return new PostgresAddress(
        server.host(),
        server.port(),
        socketFolder,
        user,
        decode(path.substring(1)),
        options,
        password);
  }

  /** The same server and user, another database. */
  public PostgresAddress withDatabase(String other) {
    return new PostgresAddress(host, port, socketFolder, user, other, options, password);
  }

  /** What the driver is given. */
  Properties driverProperties() {
    var properties = new Properties();
    properties.setProperty("user", user);
    password.ifPresent(secret -> properties.setProperty("password", secret.reveal()));
    properties.setProperty("ApplicationName", "lifeboat");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("tcpKeepAlive", "true");
    // What the server says of values in its rows is for the server's log, not for ours.
    properties.setProperty("logServerErrorDetail", "false");
    options.forEach((name, value) -> properties.setProperty(DRIVER_NAMES.get(name), value));
    if ("system".equals(options.get("sslrootcert"))) {
      properties.remove("sslrootcert");
      properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    socketFolder.ifPresent(folder -> {
      properties.setProperty(
          "socketFactory", "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
      properties.setProperty("socketFactoryArg", folder.resolve(".s.PGSQL." + port).toString());
      properties.setProperty("sslmode", "disable");
    });
    return properties;
  }

  /**
   * What PostgreSQL's own programs take from their environment: the same server, role and options.
   */
  public Map<String, String> programEnvironment() {
    var environment = new LinkedHashMap<String, String>();
    environment.put("PGHOST", socketFolder.map(Path::toString).orElse(host));
    environment.put("PGPORT", Integer.toString(port));
    environment.put("PGUSER", user);
    environment.put("PGDATABASE", database);
    environment.put("PGAPPNAME", "lifeboat");
    password.ifPresent(secret -> environment.put("PGPASSWORD", secret.reveal()));
    options.forEach((name, value) -> environment.put(PROGRAM_NAMES.get(name), value));
    return environment;
  }

  /** The driver's URL, without anything secret. */
  String driverUrl() {
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return "jdbc:postgresql://" + bracketed + ":" + port + "/" + encode(database);
  }

  /** For messages: {@code host:port} or the socket's folder. */
  public String place() {
    return socketFolder.map(folder -> folder + " port " + port).orElse(host + ":" + port);
  }

  /** For messages: who, where, which database. */
  @Override
  public String toString() {
    return user + "@" + place() + "/" + database;
  }

  private record HostAndPort(String host, int port) {
    /** Not {@link URI#getHost}: that one refuses names with an underscore. */
    static HostAndPort parse(String text, boolean isSocket) {
      int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
      String host = decode(colon < 0 ? text : text.substring(0, colon));
      if (host.indexOf(',') >= 0) {
        throw invalid(
            "url names several hosts", "Name the one server to back up; each is its own source.");
      }
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      if (host.isEmpty() && !isSocket) {
        throw invalid("url names no host", "Add one: postgresql://user@HOST:5432/database.");
      }
      return new HostAndPort(
          host.isEmpty() ? "localhost" : host,
          colon < 0 ? DEFAULT_PORT : port(text.substring(colon + 1)));
    }

    private static int port(String text) {
      if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
        throw invalid("url has the port '" + text + "'", "It is a number from 1 to 65535.");
      }
      return Integer.parseInt(text);
    }
  }

  private static URI uri(String url) {
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      // The exception's text repeats the whole URL, perhaps with a password in it: no cause.
      throw invalid("url is not a URL: " + e.getReason(), "Write it as in this example.");
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw invalid("url does not begin with postgresql://", "Write it as in this example.");
    }
    return uri;
  }

  private static Map<String, String> options(@Nullable String query) {
    var options = new LinkedHashMap<String, String>();
    if (query == null || query.isEmpty()) {
      return options;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if ("password".equals(name)) {
        throw secretInUrl();
      }
      if (equals < 0 || !(DRIVER_NAMES.containsKey(name) || "host".equals(name))) {
        String known = DRIVER_NAMES.keySet().stream().sorted().collect(Collectors.joining(", "));
        throw invalid("url has an unknown option '" + name + "'", "Known ones: " + known + ".");
      }
      if (options.put(name, decode(pair.substring(equals + 1))) != null) {
        throw invalid("url has the option '" + name + "' twice", "Keep one of them.");
      }
    }
    String mode = options.getOrDefault("sslmode", "prefer");
    String[] modes = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
    if (!Arrays.asList(modes).contains(mode)) {
      throw invalid("url has sslmode=" + mode, "It is one of " + String.join(", ", modes) + ".");
    }
    return options;
  }

  private static Path folder(String text) {
    if (!text.startsWith("/")) {
      throw invalid(
          "url has the option host=" + text,
          "It names the folder of a Unix socket, from / on; a server's name goes before the port.");
    }
    return Path.of(text);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("url has a broken % sequence", "Write a percent sign as %25.");
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static PermanentException secretInUrl() {
    return invalid(
        "url holds a password",
        "Take it out and set password instead, for instance \"${SHOP_PASSWORD}\".");
  }

  private static PermanentException invalid(String fact, String hint) {
    return new PermanentException(
        ErrorCode.CONFIG_INVALID,
        "PostgreSQL source: " + fact,
        hint + " Example: postgresql://lifeboat@db.example:5432/shop?sslmode=verify-full");
  }
}
