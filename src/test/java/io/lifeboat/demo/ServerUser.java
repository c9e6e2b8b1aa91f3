package io.lifeboat.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who a server runs as: ourselves, or {@code nobody} where we are root, which PostgreSQL refuses.
 *
 * @param uid the user to become, or empty for ourselves
 */
record ServerUser(Optional<Integer> uid) {
  private static final int NOBODY = 65534;

  static ServerUser choose() throws IOException {
    boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    return new ServerUser(root ? Optional.of(NOBODY) : Optional.empty());
  }

  /** The command that runs a command as this user, without a process in between. */
  List<String> command(List<String> command) {
    var whole = new ArrayList<String>();
    uid.ifPresent(id ->
        whole.addAll(List.of("setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--")));
    whole.addAll(command);
    return whole;
  }

  /** Gives a folder and everything in it to this user. */
  void own(Path folder) throws IOException {
    if (uid.isEmpty()) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.toList();
    }
    for (Path path : all) {
      Files.setAttribute(path, "unix:uid", uid.get(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", uid.get(), LinkOption.NOFOLLOW_LINKS);
    }
  }
}
