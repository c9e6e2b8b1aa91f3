package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who a scratch server runs as: ourselves, or an unprivileged user where we are root, since
 * PostgreSQL refuses to run as root and restored code should not either.
 *
 * @param other the user to become, or empty for ourselves
 * @param offNetwork what stands before a command to keep it off the network; empty where that
 *     cannot be had
 */
record ScratchUser(Optional<Account> other, List<String> offNetwork) {
  /** A user of this machine. */
  record Account(String name, int uid, int gid) {}

  static ScratchUser choose() {
    try {
      if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
        return ourselves();
      }
    } catch (IOException | UnsupportedOperationException e) {
      if (!"root".equals(System.getProperty("user.name"))) {
        return ourselves();
      }
    }
    for (String name : List.of("postgres", "nobody")) {
      Optional<Account> account = account(name);
      if (account.isPresent() && account.get().uid() != 0) {
        return new ScratchUser(account, NetworkNamespace.prefix(true));
      }
    }
    throw new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "We are root, PostgreSQL refuses to run as root, and there is no user postgres or nobody",
        "Run the drill as an ordinary user, or create a user postgres.");
  }

  private static ScratchUser ourselves() {
    return new ScratchUser(Optional.empty(), NetworkNamespace.prefix(false));
  }

  /** Whether what runs as this user reaches no network. */
  boolean isOffNetwork() {
    return !offNetwork.isEmpty();
  }

  /**
   * The command that runs {@code command} as this user, in a process group of its own and off the
   * network where that can be had.
   */
  List<String> command(List<String> command) {
    List<String> whole = new ArrayList<>();
    program("setsid").ifPresent(setsid -> whole.add(setsid.toString()));
    whole.addAll(offNetwork);
    if (other.isPresent()) {
      Account account = other.get();
      Optional<Path> setpriv = program("setpriv");
      if (setpriv.isPresent()) {
        whole.addAll(
            List.of(
                setpriv.get().toString(),
                "--reuid=" + account.uid(),
                "--regid=" + account.gid(),
                "--clear-groups",
                "--no-new-privs",
                "--"));
      } else {
        Path runuser =
            program("runuser")
                .orElseThrow(() ->
                    new PermanentException(
                        ErrorCode.SCRATCH_UNAVAILABLE,
                        "We are root, and neither setpriv nor runuser is there to run"
                            + " PostgreSQL as "
                            + account.name(),
                        "Install util-linux, or run the drill as an ordinary user."));
        whole.addAll(List.of(runuser.toString(), "-u", account.name(), "--"));
      }
    }
    whole.addAll(command);
    return List.copyOf(whole);
  }

  /** Gives everything in a folder to this user; links themselves, not what they point to. */
  void own(Path folder) throws IOException {
    if (other.isEmpty()) {
      return;
    }
    Account account = other.get();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            return give(directory);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return give(file);
          }

          private FileVisitResult give(Path path) throws IOException {
            Files.setAttribute(path, "unix:gid", account.gid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:uid", account.uid(), LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Whether this user may enter every folder down to {@code folder}, which must exist. */
  boolean canEnter(Path folder) throws IOException {
    if (other.isEmpty()) {
      return true;
    }
    Account account = other.get();
    for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
      int mode = (int) Files.getAttribute(at, "unix:mode");
      boolean enters =
          (int) Files.getAttribute(at, "unix:uid") == account.uid()
              ? (mode & 0100) != 0
              : (int) Files.getAttribute(at, "unix:gid") == account.gid()
                  ? (mode & 0010) != 0
                  : (mode & 0001) != 0;
      if (!enters) {
        return false;
      }
    }
    return true;
  }

  static Optional<Path> program(String name) {
    List<String> folders = new ArrayList<>();
    Optional.ofNullable(System.getenv("PATH"))
        .ifPresent(p -> folders.addAll(List.of(p.split(":"))));
    folders.addAll(List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin"));
    return folders.stream()
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Optional<Account> account(String name) {
    try {
      return Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1).stream()
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length >= 4 && fields[0].equals(name))
          .map(
              fields -> new Account(name, Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
