package io.lifeboat.files;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Looks at what is at a path, by one {@code lstat}. Names of users and groups are asked for once
 * each. Not thread-safe.
 */
final class UnixLook {
  private static final String ASKED = "unix:mode,uid,gid,dev,ino,nlink,size,lastModifiedTime,ctime";
  private static final int TYPE_MASK = 0170000;
  private static final int PERMISSION_MASK = 07777;

  private final Map<Integer, String> users = new HashMap<>();
  private final Map<Integer, String> groups = new HashMap<>();

  /** What is at a path: an entry, or the name of a kind of thing that has no contents to keep. */
  sealed interface Found {
    /** An entry that a snapshot keeps. */
    record Kept(FileEntry entry) implements Found {}

    /** Something that only lives on its machine. */
    record NotKept(String kind) implements Found {}
  }

  /** Looks, without following a symbolic link. */
  Found at(Path path, FileName name) throws IOException {
    Map<String, Object> raw = Files.readAttributes(path, ASKED, LinkOption.NOFOLLOW_LINKS);
    int mode = (int) number(raw, "mode");
    return switch (mode & TYPE_MASK) {
      case 0100000 -> new Found.Kept(file(path, name, raw));
      case 0040000 -> new Found.Kept(new FileEntry.Folder(path, name, attributes(path, raw)));
      case 0120000 ->
          new Found.Kept(
              new FileEntry.Symlink(
                  path, name, attributes(path, raw), RawName.bytes(Files.readSymbolicLink(path))));
      case 0010000 -> new Found.NotKept("named pipe");
      case 0140000 -> new Found.NotKept("socket");
      case 0020000 -> new Found.NotKept("character device");
      case 0060000 -> new Found.NotKept("block device");
      default -> new Found.NotKept("thing of unknown type " + Integer.toOctalString(mode));
    };
  }

  /** Looks again at a file; empty if there is something else now. */
  Optional<FileEntry.RegularFile> again(FileEntry.RegularFile file) throws IOException {
    return at(file.path(), file.name()) instanceof Found.Kept(FileEntry.RegularFile now)
        ? Optional.of(now)
        : Optional.empty();
  }

  private FileEntry.RegularFile file(Path path, FileName name, Map<String, Object> raw)
      throws IOException {
    return new FileEntry.RegularFile(
        path,
        name,
        attributes(path, raw),
        number(raw, "size"),
        instant(raw, "ctime"),
        new FileEntry.Identity(number(raw, "dev"), number(raw, "ino")),
        (int) number(raw, "nlink"));
  }

  private Attributes attributes(Path path, Map<String, Object> raw) throws IOException {
    int uid = (int) number(raw, "uid");
    int gid = (int) number(raw, "gid");
    return new Attributes(
        (int) number(raw, "mode") & PERMISSION_MASK,
        uid,
        gid,
        nameOf(users, uid, path, "unix:owner"),
        nameOf(groups, gid, path, "unix:group"),
        instant(raw, "lastModifiedTime"));
  }

  private static long number(Map<String, Object> raw, String attribute) {
    return ((Number) answered(raw, attribute)).longValue();
  }

  private static Instant instant(Map<String, Object> raw, String attribute) {
    return ((FileTime) answered(raw, attribute)).toInstant();
  }

  private static Object answered(Map<String, Object> raw, String attribute) {
    return Objects.requireNonNull(raw.get(attribute), attribute);
  }

  private static String nameOf(Map<Integer, String> known, int id, Path path, String attribute)
      throws IOException {
    String name = known.get(id);
    if (name == null) {
      Object principal = Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
      // A number without a name is answered as that number.
      name = principal.toString().equals(Integer.toUnsignedString(id)) ? "" : principal.toString();
      known.put(id, name);
    }
    return name;
  }
}
