package io.lifeboat.drill.scratch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a scratch: those that work inside its folder. A server changes into its data
 * directory and its children stay there, and we start it inside the scratch, so the kernel itself
 * says which processes are ours; a number in a file may long belong to another one.
 */
final class ScratchProcesses {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The server, and what starts it on its way to becoming it. */
  private static final Set<String> OURS =
      Set.of("postgres", "initdb", "setsid", "setpriv", "runuser", "jspawnhelper");

  private final Path folder;

  ScratchProcesses(Path folder) {
    this.folder = folder;
  }

  /**
   * Kills all of them and waits until none is left.
   *
   * @throws IOException if some live on
   */
  void endAll() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<ProcessHandle> left = living();
    while (!left.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "processes "
                + left.stream().map(ProcessHandle::pid).toList()
                + " in "
                + folder
                + " do not end");
      }
      for (ProcessHandle process : left) {
        process.destroyForcibly();
        awaitEnd(process);
      }
      left = living();
    }
    releaseSharedMemory();
  }

  private static void awaitEnd(ProcessHandle process) throws IOException {
    try {
      process.onExit().get(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while process " + process.pid() + " was ending", e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      // The caller looks again and gives up in the end.
      return;
    }
  }

  private List<ProcessHandle> living() throws IOException {
    Path proc = Path.of("/proc");
    List<ProcessHandle> living = new ArrayList<>();
    if (!Files.isDirectory(proc.resolve("self"))) {
      postmaster().filter(ProcessHandle::isAlive).ifPresent(living::add);
      return living;
    }
    Path real = Files.exists(folder) ? folder.toRealPath() : folder;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (worksIn(real, process)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
              .filter(handle -> handle.pid() != ProcessHandle.current().pid())
              .ifPresent(living::add);
        }
      }
    }
    return living;
  }

  private static boolean worksIn(Path folder, Path process) {
    try {
      Path workingFolder = Files.readSymbolicLink(process.resolve("cwd"));
      // An operator's shell may stand in the folder too: only what we start is ours to end.
      return workingFolder.startsWith(folder)
          && OURS.contains(Files.readString(process.resolve("comm"), ISO_8859_1).strip());
    } catch (IOException e) {
      return false; // it ended meanwhile, or it is somebody else's, whom we may not look at
    }
  }

  /** Where there is no /proc: the server that wrote its number into the data directory. */
  private Optional<ProcessHandle> postmaster() throws IOException {
    List<String> lines = postmasterFile();
    return lines.isEmpty()
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
            .filter(
                handle -> handle.info().command().map(c -> c.contains("postgres")).orElse(false));
  }

  /**
   * A killed server leaves its small System V segment behind; key and id are in the seventh line of
   * {@code postmaster.pid}. PostgreSQL itself would only remove it if it started there again.
   */
  private void releaseSharedMemory() throws IOException {
    List<String> lines = postmasterFile();
    Path segments = Path.of("/proc/sysvipc/shm");
    Optional<Path> ipcrm = ScratchUser.program("ipcrm");
    if (lines.size() < 7 || ipcrm.isEmpty() || !Files.isReadable(segments)) {
      return;
    }
    String creator = lines.getFirst().strip();
    String[] keyAndId = lines.get(6).strip().split("\\s+", -1);
    for (String segment : Files.readAllLines(segments, ISO_8859_1)) {
      // key shmid perms size cpid lpid nattch …: ours only if that very process made it and nobody
      // uses it
      String[] fields = segment.strip().split("\\s+", -1);
      if (keyAndId.length == 2
          && fields.length > 7
          && fields[0].equals(keyAndId[0])
          && fields[1].equals(keyAndId[1])
          && fields[4].equals(creator)
          && fields[6].equals("0")) {
        awaitEnd(
            new ProcessBuilder(ipcrm.get().toString(), "-m", fields[1])
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .toHandle());
      }
    }
  }

  private List<String> postmasterFile() throws IOException {
    Path file = folder.resolve("tree/data").resolve("postmaster.pid");
    return Files.isRegularFile(file) ? Files.readAllLines(file, ISO_8859_1) : List.of();
  }
}
