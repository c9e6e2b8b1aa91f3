package io.lifeboat.bench;

import io.lifeboat.app.Rehearsal;
import io.lifeboat.app.push.PushClient;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.store.s3.EmbeddedS3;
import io.lifeboat.wal.PushSocket;
import io.lifeboat.wal.push.PushAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code Rehearse JAR JAVA-OPTIONS}: runs commands of Lifeboat once, on made-up files, a small
 * PostgreSQL server and a local S3 server, so that the JVM leaves an archive of what it learned
 * beside the jar ({@code .aot}).
 */
public final class Rehearse {
  private static final int MIXED_MIB = 96;
  private static final int SMALL_FILES = 8000;
  private static final int ROWS = 400_000;
  private static final int MOST_MINUTES = 5;

  private Rehearse() {}

  /** Fails if a command does, or if there is no archive after it. */
  public static void main(String[] arguments) throws Exception {
    Path jar = Path.of(arguments[0]).toAbsolutePath();
    Path options = Path.of(arguments[1]);
    Path work = Files.createTempDirectory(jar.resolveSibling(""), "rehearsal-");
    Path shop = Files.createTempDirectory("rehearsal-");
    try (EmbeddedS3 server = EmbeddedS3.inFolder(work.resolve("s3")).createBucket("rehearsal");
        SourceCluster cluster = SourceCluster.start(shop, Map.of("summarize_wal", "on"))) {
      fill(cluster);
      MixedFiles.make(work.resolve("mixed"), "mixed", MIXED_MIB);
      MixedFiles.make(work.resolve("small"), "small", SMALL_FILES);
      Path config =
          Files.writeString(work.resolve("config.yml"), configuration(work, server, cluster));
      Path commands = Files.write(work.resolve("commands"), commands(work, config));
      Path archive = work.resolve("archive.aot");
      rehearse(jar, options, commands, archive);
      String name = jar.getFileName().toString().replaceFirst("\\.jar$", ".aot");
      // In one step: a command that starts meanwhile sees all of it or nothing.
      Files.move(archive, jar.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
      rehearsePush(jar.resolveSibling("lifeboat-push.jar"), options, work);
    } finally {
      remove(work);
      remove(shop);
    }
  }

  private static void fill(SourceCluster cluster) {
    cluster.sql(
        "CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note, now() AS placed"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS n");
  }

  private static void rehearse(Path jar, Path options, Path commands, Path archive)
      throws IOException, InterruptedException {
    run(
        List.of(
            "-Xmx512m",
            "@" + options,
            "-XX:AOTCacheOutput=" + archive,
            "-cp",
            jar.toString(),
            Rehearsal.class.getName(),
            commands.toString()),
        commands.resolveSibling("log"),
        archive);
  }

  private static void run(List<String> arguments, Path log, Path archive)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    Process jvm =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!jvm.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
      jvm.destroyForcibly();
    }
    if (jvm.waitFor() != 0 || !Files.exists(archive)) {
      throw new IllegalStateException(
          "The rehearsal ended with " + jvm.exitValue() + ":\n" + Files.readString(log));
    }
  }

  /** The client of {@code wal-push}, which has a jar and an archive of its own. */
  private static void rehearsePush(Path jar, Path options, Path work)
      throws IOException, InterruptedException {
    Path segment = Files.write(work.resolve("000000010000000000000001"), new byte[1 << 20]);
    Path archive = work.resolve("push.aot");
    Path folder = Files.createTempDirectory("rehearsal-"); // a socket's path has to be short
    Path socket = folder.resolve("push").resolve("socket");
    try (PushSocket listening =
        PushSocket.listen(socket, Optional.empty(), (request, bytes) -> PushAnswer.taken(""))) {
      run(
          List.of(
              "@" + options.resolveSibling("java-options-push"),
              "-XX:AOTCacheOutput=" + archive,
              "-cp",
              jar.toString(),
              PushClient.class.getName(),
              "--plan",
              "rehearsal",
              "--socket",
              socket.toString(),
              segment.toString()),
          work.resolve("push.log"),
          archive);
      Files.move(archive, jar.resolveSibling("lifeboat-push.aot"), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      remove(folder);
    }
  }

  private static String configuration(Path work, EmbeddedS3 server, SourceCluster cluster) {
    return """
    workFolder: WORK/work
    keys: { service: WORK/service.key, recovery: WORK/recovery-kit.txt }
    repositories:
      primary:
        store: { type: s3, endpoint: "ENDPOINT", region: us-east-1, bucket: rehearsal, pathStyle: true,
                 accessKey: "ACCESS", secretKey: "SECRET" }
    sources:
      mixed: { type: files, paths: [WORK/mixed] }
      small: { type: files, paths: [WORK/small] }
      shop: { type: postgres, url: "SHOP" }
    plans:
      mixed: { source: mixed, repository: primary, schedule: { cron: "0 2 * * *" } }
      small: { source: small, repository: primary, schedule: { cron: "0 2 * * *" } }
      shop: { source: shop, repository: primary, schedule: { cron: "0 2 * * *" } }
    """
        .replace("WORK", work.toString())
        .replace("SHOP", cluster.url("postgres"))
        .replace("ENDPOINT", server.endpoint().toString())
        .replace("ACCESS", EmbeddedS3.ACCESS_KEY)
        .replace("SECRET", EmbeddedS3.SECRET_KEY);
  }

  private static List<String> commands(Path work, Path config) {
    var commands = new ArrayList<String>();
    for (String command :
        List.of(
            "init",
            "backup mixed",
            "backup small",
            "backup small",
            "backup mixed",
            "backup shop",
            "backup shop",
            "snapshots",
            "verify --level L2",
            "restore --source mixed --target WORK/restored-mixed",
            "restore --source small --target WORK/restored-small",
            "restore --source shop --target WORK/restored-shop")) {
      // Tabs between the words: the folder's name may have a space in it.
      commands.add(
          command.replace(' ', '\t').replace("WORK", work.toString()) + "\t--config\t" + config);
    }
    return commands;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
