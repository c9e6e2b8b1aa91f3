package io.lifeboat.restore;

import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;

/** Gives entries of a file system their owners, modes and times; never follows a link. */
final class EntryAttributes {
  private static final int PERMISSIONS = 07777;

  private final Ownership ownership;

  EntryAttributes(Ownership ownership) {
    this.ownership = ownership;
  }

  /** Sets them on a file or folder. */
  void set(Path path, Attributes attributes) throws IOException {
    owner(path, attributes);
    // After the owner: changing that takes setuid and setgid away.
    Files.setAttribute(path, "unix:mode", attributes.mode(), LinkOption.NOFOLLOW_LINKS);
    time(path, attributes);
  }

  /** Sets them on a symbolic link itself, which has no mode. */
  void setOnLink(Path link, Attributes attributes) throws IOException {
    owner(link, attributes);
    time(link, attributes);
  }

  /** Whether a file or folder has them already. */
  boolean areSet(Path path, Attributes attributes) throws IOException {
    Map<String, Object> now =
        Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    boolean owned =
        !ownership.isSet()
            || (Objects.equals(now.get("uid"), ownership.uid(attributes))
                && Objects.equals(now.get("gid"), ownership.gid(attributes)));
    return owned
        && ((int) Objects.requireNonNull(now.get("mode")) & PERMISSIONS) == attributes.mode()
        && FileTime.from(attributes.modifiedAt()).equals(now.get("lastModifiedTime"));
  }

  private void owner(Path path, Attributes attributes) throws IOException {
    if (ownership.isSet()) {
      Files.setAttribute(path, "unix:uid", ownership.uid(attributes), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", ownership.gid(attributes), LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static void time(Path path, Attributes attributes) throws IOException {
    FileTime modified = FileTime.from(attributes.modifiedAt());
    Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(modified, modified, null);
  }
}
