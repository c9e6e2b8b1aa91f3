package io.lifeboat.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files to back up, and what there is to know about one, so that two can be compared. */
final class Tree {
  private Tree() {}

  /** Every sort of entry, with contents and names of its own. */
  static void plant(Path root, Random random) throws IOException {
    Files.createDirectories(root.resolve("reports/2026/empty folder"));
    Files.writeString(root.resolve("empty"), "");
    Files.writeString(root.resolve("reports/ünïcödé €.txt"), "small");
    for (int n = 0; n < 40; n++) {
      write(root.resolve("reports/2026/part-" + n), random, 1 + random.nextInt(40_000));
    }
    Path large = root.resolve("large.bin");
    write(large, random, 3_000_000 + random.nextInt(2_000_000));
    Files.createLink(root.resolve("reports/same as large.bin"), large);
    Files.createSymbolicLink(root.resolve("to-reports"), Path.of("reports/2026"));
    Files.createSymbolicLink(root.resolve("dangling"), Path.of("../no where"));
    Path secret = root.resolve("reports/private.key");
    write(secret, random, 100);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--------"));
    Files.setPosixFilePermissions(
        root.resolve("reports/2026"), PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setLastModifiedTime(
        large, FileTime.from(Instant.parse("1999-12-31T23:59:59.123456789Z")));
    Files.setLastModifiedTime(
        root.resolve("reports"), FileTime.from(Instant.parse("2001-02-03T04:05:06.000000007Z")));
  }

  static void write(Path file, Random random, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    Files.write(file, content);
  }

  /** One line for each entry below a folder: its name, and all that a restore must bring back. */
  static Map<String, String> describe(Path root) throws Exception {
    Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        entries.put(root.relativize(path).toString(), line(path));
      }
    }
    return entries;
  }

  private static String line(Path path) throws Exception {
    var unix = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    var facts =
        Stream.of("mode", "uid", "gid", "lastModifiedTime")
            .map(name -> name + "=" + unix.get(name));
    return String.join(" ", Stream.concat(facts, Stream.of(content(path), links(path))).toList());
  }

  private static String links(Path path) throws IOException {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        ? ""
        : "links=" + Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }

  private static String content(Path path) throws Exception {
    if (Files.isSymbolicLink(path)) {
      return "-> " + Files.readSymbolicLink(path);
    }
    if (Files.isDirectory(path)) {
      return "folder";
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return HexFormat.of().formatHex(digest);
  }

  /** Copies a folder as it is. */
  static void copy(Path from, Path to) throws Exception {
    run("cp", "-a", from.toString(), to.toString());
  }

  /** Removes whatever is there, write-protected or not. */
  static void remove(Path path) throws Exception {
    run("chmod", "-R", "u+rwX", path.toString());
    run("rm", "-rf", path.toString());
  }

  /** Gives a folder to whom this process runs as; what it was restored with is another user's. */
  static void own(Path path) throws Exception {
    if ("root".equals(System.getProperty("user.name"))) {
      run("chown", "-R", "0:0", path.toString());
    }
  }

  private static void run(String... command) throws Exception {
    int status = new ProcessBuilder(List.of(command)).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
  }
}
