package io.lifeboat.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lifeboat.postgres.EmbeddedPrograms;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.store.s3.EmbeddedS3;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * The world of {@code scripts/demo}, in one JVM that lives as long as its standard input is open: a
 * command per line comes in, its words parted by tabs; one line goes out for each, {@code ok …} or
 * {@code failed …}.
 *
 * <pre>
 * start                    servers; their addresses and passwords in world.env
 * load   change            the first day; the second
 * truth                    remember what is there
 * destroy                  end the database server, delete its data and the artifacts
 * pretty FILE              lay out evidence for people, beside it
 * compare CLUSTER FOLDER   start the restored cluster in the old one's place; hold both against the truth
 * </pre>
 */
public final class DemoWorld implements AutoCloseable {
  private static final int SIZE_PERCENT = 100;
  private static final String BUCKET = "backups";
  private static final int MOST_DIFFERENCES = 5;

  private final Path work;
  private final Path artifacts;
  private final SecureRandom random = new SecureRandom();
  private final String superuserPassword = password();
  private final String backupPassword = password();
  private Optional<PostgresPrograms> programs = Optional.empty();
  private Optional<EmbeddedS3> objects = Optional.empty();
  private Optional<DemoServer> server = Optional.empty();
  private Optional<DatabaseTruth> databaseTruth = Optional.empty();
  private Optional<FolderTruth> folderTruth = Optional.empty();

  private DemoWorld(Path work) {
    this.work = work;
    this.artifacts = work.resolve("srv/artifacts");
  }

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err); // whatever the libraries say is not an answer
    var world = new DemoWorld(Path.of(arguments[0]).toAbsolutePath());
    Runtime.getRuntime().addShutdownHook(new Thread(world::close, "close"));
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(world.answer(line.split("\t", -1)));
      answers.flush();
    }
  }

  private String answer(String[] command) {
    try {
      return "ok "
          + switch (command[0]) {
            case "start" -> start();
            case "load" -> load();
            case "change" -> change();
            case "truth" -> truth();
            case "destroy" -> destroy();
            case "pretty" -> pretty(Path.of(command[1]));
            case "compare" -> compare(Path.of(command[1]), Path.of(command[2]));
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
          };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "failed interrupted";
    } catch (Exception e) {
      e.printStackTrace();
      return "failed " + String.valueOf(e.getMessage()).replace('\n', ' ');
    }
  }

  private String start() throws Exception {
    Files.createDirectories(artifacts);
    PostgresPrograms unpacked = EmbeddedPrograms.unpackedIn(work.resolve("postgresql"));
    programs = Optional.of(unpacked);
    EmbeddedS3 s3 = EmbeddedS3.inFolder(work.resolve("s3")).createBucket(BUCKET);
    objects = Optional.of(s3);
    Files.createDirectories(work.resolve("db"));
    DemoServer created =
        DemoServer.create(
            unpacked, work.resolve("db/data"), DemoServer.freePort(), superuserPassword);
    server = Optional.of(created);
    created.start();
    Path environment =
        Files.createFile(
            work.resolve("world.env"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        environment,
        """
        PG_VERSION=%s
        PG_BIN='%s'
        PG_PORT=%d
        S3_ENDPOINT=%s
        S3_BUCKET=%s
        API_PORT=%d
        ADMIN_PORT=%d
        export SHOP_PASSWORD=%s S3_ACCESS_KEY=%s S3_SECRET_KEY=%s
        """
            .formatted(
                unpacked.version(),
                unpacked.folder(),
                created.port(),
                s3.endpoint(),
                BUCKET,
                DemoServer.freePort(),
                DemoServer.freePort(),
                backupPassword,
                EmbeddedS3.ACCESS_KEY,
                EmbeddedS3.SECRET_KEY));
    return "PostgreSQL " + unpacked.version() + " and an S3 server";
  }

  private String load() throws Exception {
    var artifactsLoad = new Artifacts(artifacts);
    var shop = new Shop(database());
    shop.create(backupPassword);
    // The server works on one core meanwhile.
    var making =
        new FutureTask<>(() -> {
          artifactsLoad.create(SIZE_PERCENT);
          return FolderTruth.of(artifacts);
        });
    Thread.ofVirtual().start(making); // the server's statements leave a core idle
    shop.load(SIZE_PERCENT);
    return "shop " + shop.size() + "; artifacts " + words(making.get());
  }

  private String change() throws Exception {
    var shop = new Shop(database());
    shop.trade(SIZE_PERCENT);
    new Artifacts(artifacts).change(SIZE_PERCENT);
    return "5,000 orders with their items and payments, 2,000 updates; a release, a log, some"
        + " modules";
  }

  private String truth() throws Exception {
    var database = DatabaseTruth.of(database(), Shop.DATABASE);
    var folder = FolderTruth.of(artifacts);
    databaseTruth = Optional.of(database);
    folderTruth = Optional.of(folder);
    return "%d tables, %,d rows; %s"
        .formatted(database.tables().size(), database.rows(), words(folder));
  }

  private static String words(FolderTruth folder) {
    return "%,d files, %,d MB".formatted(folder.files(), folder.bytes() / 1_000_000);
  }

  private String destroy() throws Exception {
    database().stop();
    delete(database().data());
    delete(artifacts);
    return "the server is stopped, its data directory and the artifacts are deleted";
  }

  private String compare(Path cluster, Path folder) throws Exception {
    var found = new ArrayList<String>();
    FolderTruth files = FolderTruth.of(folder);
    found.addAll(folderTruth.orElseThrow().differences(files));
    DemoServer restored =
        DemoServer.restored(programs.orElseThrow(), cluster, database().port(), superuserPassword);
    server = Optional.of(restored);
    restored.start();
    DatabaseTruth rows = DatabaseTruth.of(restored, Shop.DATABASE);
    found.addAll(databaseTruth.orElseThrow().differences(rows));
    if (!found.isEmpty()) {
      throw new IllegalStateException(
          found.size()
              + " differences: "
              + String.join("; ", found.subList(0, Math.min(MOST_DIFFERENCES, found.size()))));
    }
    return "%d tables with %,d rows; %,d files with modes, owners, times and links"
        .formatted(rows.tables().size(), rows.rows(), files.files());
  }

  /** One line for each check, which were shown at length before; the signature last. */
  private static String pretty(Path file) throws IOException {
    var mapper = new ObjectMapper();
    List<String> lines = Files.readAllLines(file);
    var record = (ObjectNode) mapper.readTree(lines.getFirst());
    var checks = mapper.createArrayNode();
    for (JsonNode check : record.path("checks")) {
      checks.add(
          "%s %s %s"
              .formatted(
                  check.path("level").asText(),
                  check.path("id").asText(),
                  check.path("result").asText()));
    }
    record.set("checks", checks);
    Path beside = file.resolveSibling(file.getFileName() + ".pretty");
    Files.writeString(
        beside,
        mapper.writerWithDefaultPrettyPrinter().writeValueAsString(record)
            + "\n"
            + String.join("\n", lines.subList(1, lines.size()))
            + "\n");
    return beside.toString();
  }

  private DemoServer database() {
    return server.orElseThrow();
  }

  private String password() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
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

  /** Ends both servers. */
  @Override
  public synchronized void close() {
    try {
      if (server.isPresent()) {
        server.get().close();
      }
      if (objects.isPresent()) {
        objects.get().close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("The demo's servers could not be ended", e);
    }
  }
}
