package io.lifeboat.drill.scratch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace of a command's own, in which there is not even a loopback that is up: Linux
 * gives one to root, and mostly to everybody who takes a user namespace too. A socket in the file
 * system is reached all the same.
 */
final class NetworkNamespace {
  private static final long PATIENCE_SECONDS = 10;

  private NetworkNamespace() {}

  /**
   * What stands before a command to keep it off the network; empty where this machine has no such
   * thing to give.
   *
   * @param isRoot whether the command begins as root, and becomes somebody else later
   */
  static List<String> prefix(boolean isRoot) {
    Optional<Path> unshare = ScratchUser.program("unshare");
    if (unshare.isEmpty()) {
      return List.of();
    }
    List<String> prefix = new ArrayList<>(List.of(unshare.get().toString(), "--net"));
    if (!isRoot) {
      prefix.addAll(List.of("--user", "--map-current-user"));
    }
    prefix.add("--");
    return works(prefix) ? List.copyOf(prefix) : List.of();
  }

  private static boolean works(List<String> prefix) {
    var command = new ArrayList<>(prefix);
    command.add("true");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
