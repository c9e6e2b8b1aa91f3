package io.lifeboat.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in a folder: for each path its type, mode, owner, time to the nanosecond, and contents;
 * which paths are the same file.
 *
 * @param entries by path relative to the folder
 */
public record FolderTruth(Map<String, Entry> entries) {
  /** Copies the entries. */
  public FolderTruth {
    entries = Map.copyOf(entries);
  }

  /**
   * One path.
   *
   * @param contents SHA-256 of a file, target of a link, else empty
   * @param firstName the smallest path of the same file
   */
  record Entry(
      String type,
      String mode,
      String owner,
      long sizeBytes,
      String modified,
      String contents,
      String firstName) {
    Entry withFirstName(String name) {
      return new Entry(type, mode, owner, sizeBytes, modified, contents, name);
    }
  }

  /** Reads everything. */
  public static FolderTruth of(Path folder) throws IOException {
    var entries = new TreeMap<String, Entry>();
    var inodes = new HashMap<String, Object>();
    var firstNames = new HashMap<Object, String>(); // by inode
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            return add(path, "folder", 0, "");
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            return attributes.isSymbolicLink()
                ? add(path, "link", 0, Files.readSymbolicLink(path).toString())
                : add(path, "file", attributes.size(), sha256(path));
          }

          private FileVisitResult add(Path path, String type, long sizeBytes, String contents)
              throws IOException {
            String name = folder.relativize(path).toString();
            inodes.put(name, ask(path, "ino"));
            firstNames.merge(
                ask(path, "ino"), name, (one, two) -> one.compareTo(two) < 0 ? one : two);
            var entry =
                new Entry(
                    type,
                    Integer.toOctalString((int) ask(path, "mode")),
                    ask(path, "uid") + ":" + ask(path, "gid"),
                    sizeBytes,
                    ask(path, "lastModifiedTime").toString(),
                    contents,
                    "");
            entries.put(name, entry);
            return FileVisitResult.CONTINUE;
          }
        });
    entries.replaceAll((name, entry) -> entry.withFirstName(firstNames.get(inodes.get(name))));
    return new FolderTruth(entries);
  }

  private static Object ask(Path path, String attribute) throws IOException {
    return Files.getAttribute(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        var out =
            new DigestOutputStream(
                OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(out);
      return HexFormat.of().formatHex(out.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** How many regular files there are, a file with two names once. */
  public long files() {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().type().equals("file"))
        .filter(entry -> entry.getValue().firstName().equals(entry.getKey()))
        .count();
  }

  /** How long all files are together. */
  public long bytes() {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().firstName().equals(entry.getKey()))
        .mapToLong(entry -> entry.getValue().sizeBytes())
        .sum();
  }

  /** How another one differs, as sentences. */
  public List<String> differences(FolderTruth other) {
    var found = new ArrayList<String>();
    new TreeMap<>(entries)
        .forEach((path, entry) -> {
          Entry others = other.entries.get(path);
          if (others == null) {
            found.add("'" + path + "' is missing");
          } else if (!others.equals(entry)) {
            found.add("'" + path + "' is " + others + " instead of " + entry);
          }
        });
    other.entries.keySet().stream()
        .filter(path -> !entries.containsKey(path))
        .forEach(path -> found.add("'" + path + "' was not there before"));
    return found;
  }
}
