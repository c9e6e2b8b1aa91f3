package io.lifeboat.repository;

import java.time.Instant;

/**
 * What a file system says of an entry beside its contents.
 *
 * @param mode the permission bits with setuid, setgid and sticky: {@code 0..07777}
 * @param uid owner's number
 * @param gid group's number
 * @param user owner's name, empty if unknown
 * @param group group's name, empty if unknown
 * @param modifiedAt time of last modification, with nanoseconds
 */
public record Attributes(
    int mode, int uid, int gid, String user, String group, Instant modifiedAt) {
  /** Checks the mode. */
  public Attributes {
    if (mode < 0 || mode > 07777) {
      throw new IllegalArgumentException(
          "mode is not within 0..07777: " + Integer.toOctalString(mode));
    }
  }
}
