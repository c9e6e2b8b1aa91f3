package io.lifeboat.restore;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees made of a seed, changes made to them, and all that there is to know about one. */
public final class RandomTree {
  private static final String[] NAMES = {"a", "b.pdf", "ü €", "c d", "e.tmp", "-f", "g", "h"};

  private final Path root;
  private final Random random;

  public RandomTree(Path root, Random random) {
    this.root = root;
    this.random = random;
  }

  /** Fills the root with entries of every kind. */
  public RandomTree plant() throws Exception {
    Files.createDirectories(root);
    fill(root, 3);
    return this;
  }

  private void fill(Path folder, int depth) throws Exception {
    for (String name : NAMES) {
      if (random.nextInt(4) > 0) {
        entry(folder.resolve(name), depth);
      }
    }
    attributes(folder, true);
  }

  private void entry(Path path, int depth) throws Exception {
    switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> Files.createSymbolicLink(path, Path.of(random.nextBoolean() ? "a" : "../no where"));
      case 1 -> sparse(path);
      case 2 -> hardLink(path);
      case 3, 4, 5 -> file(path);
      default -> {
        Files.createDirectory(path);
        fill(path, depth - 1);
      }
    }
  }

  private void file(Path path) throws Exception {
    byte[] content =
        new byte[random.nextInt(3) == 0 ? random.nextInt(300_000) : random.nextInt(90)];
    random.nextBytes(content);
    Files.write(path, content);
    attributes(path, false);
  }

  private void sparse(Path path) throws Exception {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1 << 20);
      file.seek(random.nextInt(1 << 20));
      file.write(random.nextInt(256));
    }
    attributes(path, false);
  }

  private void hardLink(Path path) throws Exception {
    List<Path> files =
        all().stream().filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)).toList();
    if (files.isEmpty()) {
      file(path);
    } else {
      Files.createLink(path, files.get(random.nextInt(files.size())));
    }
  }

  private void attributes(Path path, boolean folder) throws IOException {
    Files.setAttribute(path, "unix:mode", (folder ? 0700 : 0400) | random.nextInt(0400));
    if ("root".equals(System.getProperty("user.name"))) {
      Files.setAttribute(path, "unix:uid", random.nextInt(3));
      Files.setAttribute(path, "unix:gid", random.nextInt(3));
    }
    Files.setLastModifiedTime(
        path,
        FileTime.from(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000))));
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> !path.equals(root)).sorted().toList();
    }
  }

  /** Changes the tree in many places: contents, attributes, kinds, names, links, surplus. */
  public void disturb() throws Exception {
    for (int change = 0; change < 12; change++) {
      List<Path> all = all();
      if (all.isEmpty()) {
        return;
      }
      Path path = all.get(random.nextInt(all.size()));
      boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
      boolean file = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
      switch (random.nextInt(6)) {
        case 0 -> remove(path);
        case 1 -> {
          remove(path);
          entry(path, 1);
        }
        case 2 -> {
          if (file || folder) {
            attributes(path, folder);
          }
        }
        case 3 -> {
          if (file && Files.size(path) > 0) {
            flipByte(path);
          }
        }
        case 4 -> {
          if (file) {
            Files.write(path, new byte[] {1, 2, 3}, java.nio.file.StandardOpenOption.APPEND);
          }
        }
        default -> {
          if (folder) {
            entry(path.resolve("surplus " + change), 1);
          }
        }
      }
    }
  }

  /** Same size, same time, other contents. */
  private void flipByte(Path path) throws IOException {
    FileTime time = Files.getLastModifiedTime(path);
    byte[] bytes = Files.readAllBytes(path);
    bytes[random.nextInt(bytes.length)] ^= 1;
    Files.write(path, bytes);
    Files.setLastModifiedTime(path, time);
  }

  public static void remove(Path path) throws IOException {
    List<Path> deepestFirst = new ArrayList<>();
    try (Stream<Path> all = Files.walk(path)) {
      all.sorted(Comparator.reverseOrder()).forEach(deepestFirst::add);
    }
    for (Path each : deepestFirst) {
      Files.delete(each);
    }
  }

  /** One line for each entry below a folder: all that a restore must bring back. */
  public static Map<String, String> describe(Path root) throws Exception {
    Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        if (!path.equals(root)) {
          entries.put(root.relativize(path).toString(), line(path));
        }
      }
    }
    return entries;
  }

  private static String line(Path path) throws Exception {
    Map<String, Object> unix =
        Files.readAttributes(
            path, "unix:mode,uid,gid,nlink,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    return String.join(
        " ",
        Integer.toOctalString((int) unix.get("mode")),
        unix.get("uid") + ":" + unix.get("gid"),
        String.valueOf(unix.get("lastModifiedTime")),
        folder ? "folder" : unix.get("nlink") + " " + content(path));
  }

  private static String content(Path path) throws Exception {
    if (Files.isSymbolicLink(path)) {
      return "-> " + Files.readSymbolicLink(path);
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return HexFormat.of().formatHex(digest);
  }
}
