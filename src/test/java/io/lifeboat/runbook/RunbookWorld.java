package io.lifeboat.runbook;

import io.lifeboat.demo.DemoServer;
import io.lifeboat.demo.Shop;
import io.lifeboat.postgres.EmbeddedPrograms;
import io.lifeboat.postgres.PostgresPrograms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the runbooks are run against: a small shop on a real server, backed up to a folder by the
 * real command line, which a script of a few lines starts as {@code scripts/lifeboat} would.
 */
final class RunbookWorld implements AutoCloseable {
  private static final String PASSWORD = "a-password-of-the-test";

  private final Path folder;
  private final PostgresPrograms programs;
  private final DemoServer server;

  RunbookWorld() throws Exception {
    folder = Files.createTempDirectory("lifeboat-runbook-").toRealPath();
    // The server is nobody where we are root, and has to get through to its own folders.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    programs = EmbeddedPrograms.unpackedIn(folder.resolve("postgresql"));
    Files.createDirectory(folder.resolve("source"));
    server =
        DemoServer.create(programs, folder.resolve("source/data"), DemoServer.freePort(), PASSWORD)
            .start();
    var shop = new Shop(server);
    shop.create(PASSWORD);
    shop.load(2);
    program("lifeboat", "io.lifeboat.app.LifeboatApplication");
    program("psql", "io.lifeboat.runbook.Psql");
    Path home = Files.createDirectory(folder.resolve("home"));
    writeConfig(home, folder.resolve("bucket"));
    lifeboat("init", "--config", home + "/config.yml");
    backup();
  }

  /** Its root; for the steps' own folders too. */
  Path folder() {
    return folder;
  }

  /** Takes a backup of the shop as it is now. */
  void backup() throws IOException, InterruptedException {
    lifeboat("backup", "shop-nightly", "--config", folder + "/home/config.yml");
  }

  /** Loses what matters most, at the source. */
  void dropOrders() throws Exception {
    server.execute(Shop.DATABASE, List.of("DROP TABLE orders CASCADE"));
  }

  /** Another kit, of another repository. */
  Path otherKit() throws IOException, InterruptedException {
    Path home = Files.createDirectory(folder.resolve("other-home"));
    writeConfig(home, folder.resolve("other-bucket"));
    lifeboat("init", "--config", home + "/config.yml");
    return home.resolve("recovery-kit.txt");
  }

  /** A folder with nothing in it but copies of the bucket and the kit. */
  Path blankMachine(String name) throws IOException {
    Path machine = Files.createDirectory(folder.resolve(name));
    copy(folder.resolve("bucket"), machine.resolve("bucket"));
    Files.copy(folder.resolve("home/recovery-kit.txt"), machine.resolve("recovery-kit.txt"));
    Path place = Files.createDirectory(machine.resolve("postgresql"));
    if (isRoot()) {
      Files.setAttribute(place, "unix:uid", 65534);
    }
    Files.setPosixFilePermissions(machine, PosixFilePermissions.fromString("rwx--x--x"));
    return machine;
  }

  /** What a person would set first on a blank machine. */
  Map<String, String> restoreSettings(Path machine) throws IOException {
    var settings = new HashMap<String, String>();
    settings.put("LIFEBOAT", folder + "/lifeboat");
    settings.put("STORE", "folder:" + machine.resolve("bucket"));
    settings.put("IDENTITY", machine.resolve("recovery-kit.txt").toString());
    settings.put("SOURCE", "shop");
    settings.put("TARGET", machine.resolve("postgresql/restored").toString());
    settings.put("PG_BIN", programs.folder().toString());
    settings.put("PSQL", folder + "/psql");
    settings.put("PG_USER", isRoot() ? "nobody" : System.getProperty("user.name"));
    settings.put("AS_PG_USER", isRoot() ? "runuser -u nobody --" : "");
    settings.put("PORT", Integer.toString(DemoServer.freePort()));
    settings.put("PGPASSWORD", PASSWORD);
    return settings;
  }

  /** What a person would set first on a node that drills. */
  Map<String, String> drillSettings(Path place) {
    return Map.of(
        "LIFEBOAT",
        folder + "/lifeboat",
        "CONFIG",
        folder + "/home/config.yml",
        "PLAN",
        "shop-nightly",
        "SCRATCH",
        "process",
        "EVIDENCE",
        place.resolve("evidence.txt").toString());
  }

  /** Changes one byte in the middle of the largest data pack of a bucket. */
  static void damageOneByte(Path bucket) throws IOException {
    Path pack;
    try (Stream<Path> packs = Files.walk(bucket.resolve("p/d"))) {
      pack =
          packs
              .filter(Files::isRegularFile)
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(pack);
    bytes[bytes.length / 2] ^= 1;
    Files.setPosixFilePermissions(pack, PosixFilePermissions.fromString("rw-------"));
    Files.write(pack, bytes);
  }

  private void writeConfig(Path home, Path bucket) throws IOException {
    Files.writeString(
        home.resolve("config.yml"),
        """
        workFolder: %s
        keys: { service: ./service.key, recovery: ./recovery-kit.txt }
        repositories:
          primary: { store: { type: folder, path: %s } }
        sources:
          shop: { type: postgres, url: "postgresql://%s@127.0.0.1:%d/shop", password: "%s" }
        plans:
          shop-nightly:
            source: shop
            repository: primary
            drill:
              scratch: process
              programs: %s
              checks:
                - { id: APP-1, sql: "select count(*) from orders", expect: "> 0", meaning: "orders are missing" }
        """
            .formatted(
                folder.resolve("work"),
                bucket,
                Shop.BACKUP_ROLE,
                server.port(),
                PASSWORD,
                programs.folder()));
  }

  private void program(String name, String mainClass) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> entries = new ArrayList<>(Arrays.asList(classPath.split(File.pathSeparator, -1)));
    if (name.equals("lifeboat")) {
      entries.removeIf(entry -> entry.endsWith("test-classes")); // its logs go where the jar's go
    }
    Path script = folder.resolve(name);
    Files.writeString(
        script,
        """
        #!/bin/sh
        exec '%s/bin/java' -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.io.tmpdir='%s' \\
          --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp '%s' %s "$@"
        """
            .formatted(
                System.getProperty("java.home"),
                Files.createDirectories(folder.resolve("tmp")),
                String.join(File.pathSeparator, entries),
                mainClass));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void lifeboat(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of(folder + "/lifeboat"));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("lifeboat.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()))
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + Files.readString(log));
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Override
  public void close() throws Exception {
    server.close();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
