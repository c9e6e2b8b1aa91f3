package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.progress.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code pg_dump} and {@code pg_dumpall} of one version on this machine. Thread-safe.
 *
 * @param programs where they are
 */
public record DumpProgram(PostgresPrograms programs) {
  private static final String PG_DUMP = "pg_dump";
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  private static final int BLOCK_BYTES = 128 << 10;
  private static final int LONGEST_COMPLAINT = 4096;
  private static final long WATCH_MILLIS = 200;

  /**
   * Looks for the oldest version that can dump this server: {@code pg_dump} refuses servers newer
   * than itself, and what an older one writes loads into more servers.
   *
   * @param major the server's
   * @param given a folder with {@code pg_dump}; where Debian installs and on the PATH, if empty
   * @param searchPath what the environment calls {@code PATH}
   * @throws PermanentException {@code PROGRAMS_MISSING}, naming where it looked and what is there
   */
  public static DumpProgram find(int major, Optional<Path> given, String searchPath) {
    List<PostgresPrograms> found =
        candidates(given, searchPath).stream()
            .filter(folder -> Files.isExecutable(folder.resolve(PG_DUMP)))
            .map(folder -> PostgresPrograms.read(folder, PG_DUMP))
            .toList();
    return found.stream()
        .filter(programs -> programs.major() >= major)
        .min(Comparator.comparingInt(PostgresPrograms::major))
        .map(DumpProgram::new)
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.PROGRAMS_MISSING,
                "There is no pg_dump here that can dump PostgreSQL "
                    + major
                    + (found.isEmpty() ? "" : "; there is " + versions(found)),
                "Install postgresql-client-"
                    + major
                    + " or later, or name the folder of its programs in the source's"
                    + " dump.programs."));
  }

  private static String versions(List<PostgresPrograms> found) {
    return String.join(
        ", ",
        found.stream()
            .map(programs -> programs.version() + " in " + programs.folder())
            .distinct()
            .toList());
  }

  private static List<Path> candidates(Optional<Path> given, String searchPath) {
    if (given.isPresent()) {
      return List.of(given.get(), given.get().resolve("bin"));
    }
    var folders = new ArrayList<Path>();
    if (Files.isDirectory(INSTALLED)) {
      try (DirectoryStream<Path> versions = Files.newDirectoryStream(INSTALLED)) {
        versions.forEach(version -> folders.add(version.resolve("bin")));
      } catch (IOException e) {
        throw new PermanentException(
            ErrorCode.PROGRAMS_MISSING,
            INSTALLED + " cannot be read: " + e.getMessage(),
            "Name the folder of pg_dump in the source's dump.programs.",
            e);
      }
    }
    for (String folder : searchPath.split(":", -1)) {
      if (folder.startsWith("/")) {
        folders.add(Path.of(folder));
      }
    }
    return folders;
  }

  /** Takes what a program writes. */
  @FunctionalInterface
  public interface Sink {
    /** The next bytes; the array is not kept. */
    void write(byte[] bytes, int offset, int lengthBytes);
  }

  /**
   * Writes definitions of a database as SQL, without any row and without large objects.
   *
   * @param section {@code pre-data} or {@code post-data}
   * @param snapshot as {@code pg_export_snapshot()} named it
   * @throws LifeboatException {@code DUMP_FAILED} with what the program said, {@code CANCELLED}
   */
  void definitions(
      PostgresAddress address,
      String section,
      String snapshot,
      DatabaseSnapshot.Patience patience,
      Sink sink,
      Progress progress) {
    run(
        List.of(
            PG_DUMP,
            "--section=" + section,
            "--snapshot=" + snapshot,
            "--lock-wait-timeout=" + patience.lock().toMillis(),
            "--no-blobs",
            "--no-password",
            "--encoding=UTF8"),
        address,
        sink,
        progress);
  }

  /**
   * Writes roles, their memberships and tablespaces as SQL.
   *
   * @param passwords whether the role may read them
   */
  public void globals(PostgresAddress address, boolean passwords, Sink sink, Progress progress) {
    var command =
        new ArrayList<>(
            List.of("pg_dumpall", "--globals-only", "--no-password", "--encoding=UTF8"));
    command.add("--database=" + address.database());
    if (!passwords) {
      command.add("--no-role-passwords");
    }
    run(command, address, sink, progress);
  }

  private void run(List<String> arguments, PostgresAddress address, Sink sink, Progress progress) {
    var command = new ArrayList<>(arguments);
    command.set(0, programs.folder().resolve(arguments.getFirst()).toString());
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().putAll(address.programEnvironment());
    builder.environment().put("LC_ALL", "C");
    try {
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        drain(process, command.getFirst(), sink, progress);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw failed(command.getFirst(), String.valueOf(e.getMessage()), e);
    }
  }

  /** A program that waits for the server says nothing: somebody else must see a cancellation. */
  private static void drain(Process process, String program, Sink sink, Progress progress)
      throws IOException {
    var complaint = new StringBuilder();
    var cancelled = new AtomicReference<Optional<LifeboatException>>(Optional.empty());
    Thread listener = Thread.ofVirtual().start(() -> listen(process, complaint));
    Thread watch = Thread.ofVirtual().start(() -> watch(process, progress, cancelled));
    try {
      byte[] block = new byte[BLOCK_BYTES];
      InputStream output = process.getInputStream();
      for (int n = output.read(block); n >= 0; n = output.read(block)) {
        sink.write(block, 0, n);
      }
      int status = process.waitFor();
      listener.join();
      watch.join();
      if (cancelled.get().isPresent()) {
        throw cancelled.get().get();
      }
      if (status != 0) {
        throw failed(program, "it ended with " + status + ": " + complaint, null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The dump was interrupted", "Start it again.", e);
    }
  }

  private static void watch(
      Process process, Progress progress, AtomicReference<Optional<LifeboatException>> cancelled) {
    try {
      while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.checkCancelled();
      }
    } catch (LifeboatException e) {
      cancelled.set(Optional.of(e));
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  private static void listen(Process process, StringBuilder complaint) {
    try (InputStream error = process.getErrorStream()) {
      byte[] block = new byte[1024];
      for (int n = error.read(block); n >= 0; n = error.read(block)) {
        if (complaint.length() < LONGEST_COMPLAINT) {
          complaint.append(new String(block, 0, n, StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      complaint.append(e.getMessage());
    }
  }

  private static TransientException failed(String program, String why, @Nullable Exception cause) {
    String sentence = why.strip().replaceAll("\\s*\\R\\s*", " / ");
    String fact = program + " did not write the definitions down: " + sentence;
    String hint =
        "Run `lifeboat check`; if a lock was waited for, take the backup when no schema change"
            + " runs, or raise dump.lockTimeout.";
    return cause == null
        ? new TransientException(ErrorCode.DUMP_FAILED, fact, hint)
        : new TransientException(ErrorCode.DUMP_FAILED, fact, hint, cause);
  }
}
