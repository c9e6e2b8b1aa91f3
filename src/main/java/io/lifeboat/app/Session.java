package io.lifeboat.app;

import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.config.Secret;
import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.RestoreTargets;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotIds;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.sourceforge.argparse4j.inf.Namespace;
import net.sourceforge.argparse4j.inf.Subparser;

/**
 * One run of a command: its arguments, and what it opens on the way, which is closed at its end.
 */
final class Session implements AutoCloseable {
  private static final String LATEST = "latest";
  private static final String FOLDER = "folder:";
  private static final String S3 = "s3:";

  private final Namespace arguments;
  private final Map<String, String> environment;
  private final Output output;
  private final AtomicBoolean cancelled;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final SecureRandom random = new SecureRandom();

  Session(
      Namespace arguments,
      Map<String, String> environment,
      Output output,
      AtomicBoolean cancelled) {
    this.arguments = arguments;
    this.environment = environment;
    this.output = output;
    this.cancelled = cancelled;
  }

  /** Declares where the configuration is. */
  static void configArgument(Subparser parser) {
    parser
        .addArgument("--config")
        .metavar("FILE")
        .setDefault("config.yml")
        .help("the configuration");
  }

  /** Declares the configuration, and what serves in its place when all else is lost. */
  static void storeArguments(Subparser parser) {
    configArgument(parser);
    parser
        .addArgument("--store")
        .metavar("STORE")
        .help("instead of a configuration: folder:PATH or s3:ENDPOINT/BUCKET/PREFIX");
    parser.addArgument("--identity").metavar("FILE").help("with --store: the recovery kit");
  }

  /** Declares what a holder of the recovery kit works with. */
  static void kitArguments(Subparser parser) {
    configArgument(parser);
    parser
        .addArgument("--store")
        .metavar("STORE")
        .help("instead of a configuration: folder:PATH or s3:ENDPOINT/BUCKET/PREFIX");
    parser
        .addArgument("--identity")
        .metavar("FILE")
        .help("the recovery kit; without it, the configuration's keys.recovery");
  }

  /** Declares which snapshot of which source is looked at. */
  static void snapshotArguments(Subparser parser) {
    storeArguments(parser);
    parser.addArgument("--source").metavar("S").required(true).help("the source");
    parser
        .addArgument("--snapshot")
        .metavar("ID")
        .setDefault(LATEST)
        .help("which snapshot; the newest, unless it is named");
  }

  /** The snapshot that the arguments name; empty for the newest. */
  Optional<String> snapshot() {
    return named(text("snapshot"));
  }

  /** A snapshot's id as it was given; empty for the newest. */
  static Optional<String> named(String snapshot) {
    return Optional.of(snapshot).filter(id -> !id.equals(LATEST));
  }

  Output output() {
    return output;
  }

  Clock clock() {
    return Clock.systemUTC();
  }

  SecureRandom random() {
    return random;
  }

  Map<String, String> environment() {
    return environment;
  }

  String text(String argument) {
    return optional(argument).orElseThrow();
  }

  Optional<String> optional(String argument) {
    return Optional.ofNullable(arguments.getString(argument));
  }

  /** What was given for an option that may be repeated. */
  List<String> all(String argument) {
    List<String> given = arguments.getList(argument);
    return given == null ? List.of() : given;
  }

  /** Whether a flag was given. */
  boolean flag(String argument) {
    return Boolean.TRUE.equals(arguments.getBoolean(argument));
  }

  /** A name for this run, as the service would give it. */
  String operation() {
    return "op_" + new SnapshotIds(clock(), random).next();
  }

  /** A name for a new drill. */
  String drill() {
    return "dr_" + new SnapshotIds(clock(), random).next();
  }

  Path configFile() {
    return Path.of(text("config"));
  }

  Settings settings() {
    return ConfigurationFile.read(configFile(), environment).settings();
  }

  Progress progress() {
    return keep(output.progress(cancelled));
  }

  /** What the arguments say to work with. */
  Installation installation() {
    Optional<String> store = optional("store");
    if (store.isEmpty()) {
      return Installation.of(settings(), passphrases());
    }
    String kit =
        optional("identity")
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.RECOVERY_IDENTITY_MISSING,
                    "--store needs --identity",
                    "Give --identity recovery-kit.txt, the file that `lifeboat init` wrote."));
    return Installation.of(
        parseStore("--store", store.get()), Path.of(kit), temporaryFolder(), passphrases());
  }

  /** The repositories, to look at with whatever keys there are. */
  OpenRepositories repositories() {
    Installation all = installation();
    Optional<Path> kit = optional("identity").map(Path::of).or(() -> all.keys().recovery());
    return open(all.with(new Installation.KeyPaths(all.keys().service(), kit)));
  }

  /** The repositories, with nothing but the recovery kit. */
  OpenRepositories repositoriesByKit() {
    Installation all = installation();
    return open(all.with(new Installation.KeyPaths(Optional.empty(), Optional.of(kitFile()))));
  }

  private OpenRepositories open(Installation installation) {
    return keep(new OpenRepositories(installation, random, clock()));
  }

  /** Where the recovery kit is. */
  Path kitFile() {
    return optional("identity")
        .map(Path::of)
        .or(() -> settings().keys().recovery())
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.RECOVERY_IDENTITY_MISSING,
                "This needs the recovery kit, and none is named",
                "Give --identity recovery-kit.txt, the file that `lifeboat init` wrote."));
  }

  /** The recovery kit. */
  RecoveryKit kit() {
    return KeyFiles.readRecoveryKit(kitFile(), passphrases()).value();
  }

  ConsolePassphrase passphrases() {
    return new ConsolePassphrase(environment);
  }

  /** The stores that the arguments say to work with, by name; no key is needed for that. */
  Map<String, StoreConfig> stores() {
    return optional("store")
        .map(text -> Map.of(Installation.GIVEN, parseStore("--store", text)))
        .orElseGet(() -> Installation.of(settings()).stores());
  }

  ConfiguredEngines engines() {
    return keep(new ConfiguredEngines(installation(), random, clock()));
  }

  /**
   * Makes sure that a target meets neither backups nor keys nor what Lifeboat works with. A source
   * it may meet: whoever sits here may want it back in its place.
   */
  void requireApart(Path target) {
    new RestoreTargets(installation().ownPlaces()).requireApart(target);
  }

  /** Closes this at the end of the run. */
  <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Reads a store from an argument. */
  StoreConfig parseStore(String argument, String text) {
    if (text.startsWith(FOLDER)) {
      return new StoreConfig.Folder(Path.of(text.substring(FOLDER.length())));
    }
    String rest = text.startsWith(S3) ? text.substring(S3.length()) : "";
    int scheme = rest.indexOf("://");
    String[] parts = rest.substring(scheme < 0 ? 0 : scheme + 3).split("/", 3);
    if (scheme < 0 || parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          argument + " is not understood: '" + text + "'",
          "Give folder:PATH or s3:ENDPOINT/BUCKET/PREFIX, for instance"
              + " s3:https://s3.example.com/backup/prod");
    }
    return new StoreConfig.S3(
        Optional.of(URI.create(rest.substring(0, scheme + 3) + parts[0])),
        Optional.ofNullable(environment.get("AWS_REGION")),
        parts[1],
        parts.length > 2 ? Optional.of(parts[2]) : Optional.empty(),
        true,
        Optional.ofNullable(environment.get("AWS_ACCESS_KEY_ID")).map(Secret::new),
        Optional.ofNullable(environment.get("AWS_SECRET_ACCESS_KEY")).map(Secret::new),
        Optional.empty());
  }

  private Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("lifeboat-");
      keep((AutoCloseable) () -> delete(folder));
      return folder;
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Could not make a temporary folder: " + e.getMessage(),
          "Set TMPDIR to a folder with room.",
          e);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new PermanentException(
            ErrorCode.IO_FAILED,
            "Something could not be closed: " + e.getMessage(),
            "The work itself is done.",
            e);
      }
    }
  }
}
