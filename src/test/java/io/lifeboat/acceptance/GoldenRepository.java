package io.lifeboat.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A repository of format version 1 as an earlier Lifeboat wrote it, with its kit and service key,
 * which protect nothing, and what each snapshot holds. Every later version must read it: it is
 * never made anew, only joined by those of later versions. {@link #main} made it.
 */
final class GoldenRepository {
  private static final String RESOURCE = "/golden/v1/repository.zip";
  private static final String EXPECTED = "expected.json";
  private static final List<String> PARTS =
      List.of("store", "recovery-kit.txt", "service.key", EXPECTED);

  private GoldenRepository() {}

  /** Unpacks it into a folder that becomes a node's. */
  static Node unpack(Path folder) throws IOException {
    Node node = Node.local(folder);
    try (InputStream in = GoldenRepository.class.getResourceAsStream(RESOURCE);
        var zip = new ZipInputStream(java.util.Objects.requireNonNull(in, RESOURCE))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
    return node;
  }

  /**
   * What each snapshot holds, oldest first: for each, paths and what {@link #line} says of them.
   */
  static List<Map<String, String>> expected(Node node) throws IOException {
    List<?> all = new ObjectMapper().readValue(node.path(EXPECTED).toFile(), List.class);
    return all.stream().map(GoldenRepository::strings).toList();
  }

  private static Map<String, String> strings(Object map) {
    Map<String, String> strings = new TreeMap<>();
    ((Map<?, ?>) map).forEach((path, line) -> strings.put(path.toString(), line.toString()));
    return strings;
  }

  /** What is below a folder, without what depends on who restores: owners. */
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
    if (Files.isSymbolicLink(path)) {
      return "link to " + Files.readSymbolicLink(path);
    }
    Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    String look = mode + " " + Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
    if (Files.isDirectory(path)) {
      return "folder " + look;
    }
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return "file " + look + " " + HexFormat.of().formatHex(hash);
  }

  /**
   * Makes a golden repository of the format that this build writes.
   *
   * @param arguments an empty folder to work in, and the file to write
   */
  public static void main(String... arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Node node = Node.local(folder);
    var random = new Random(1);
    Path docs = node.path("docs");
    Files.createDirectories(docs.resolve("reports/empty folder"));
    Files.writeString(docs.resolve("reports/ünïcödé €.txt"), "small");
    Files.writeString(docs.resolve("empty"), "");
    Files.writeString(docs.resolve("compressible"), "lifeboat ".repeat(5000));
    for (int n = 0; n < 20; n++) {
      Tree.write(docs.resolve("reports/part-" + n), random, 1 + random.nextInt(4000));
    }
    Tree.write(docs.resolve("one.bin"), random, 60_000);
    Files.createLink(docs.resolve("reports/same as one.bin"), docs.resolve("one.bin"));
    Files.createSymbolicLink(docs.resolve("to-reports"), Path.of("reports"));
    Files.createSymbolicLink(docs.resolve("dangling"), Path.of("../no where"));
    try (var sparse = new java.io.RandomAccessFile(docs.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(3_000_000);
      sparse.seek(2_000_000);
      sparse.write(new byte[] {1, 2, 3});
    }
    var expected = new java.util.ArrayList<Map<String, String>>();
    node.done("init");
    node.done("backup", "nightly");
    expected.add(describe(docs));
    Tree.write(docs.resolve("added"), random, 5000);
    Files.delete(docs.resolve("reports/part-3"));
    node.done("backup", "nightly");
    expected.add(describe(docs));
    node.done("drill", "nightly");
    node.done("verify", "--level", "L2");
    new ObjectMapper().writeValue(node.path(EXPECTED).toFile(), expected);
    try (OutputStream out = Files.newOutputStream(Path.of(arguments[1]));
        var zip = new ZipOutputStream(out)) {
      for (String part : PARTS) {
        add(zip, folder, node.path(part));
      }
    }
  }

  private static void add(ZipOutputStream zip, Path folder, Path part) throws IOException {
    try (Stream<Path> files = Files.walk(part)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
        zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        zip.write(Files.readAllBytes(file));
        zip.closeEntry();
      }
    }
  }
}
