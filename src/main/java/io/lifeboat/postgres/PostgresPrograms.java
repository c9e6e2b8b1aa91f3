package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's programs on this machine.
 *
 * @param folder where they are
 * @param version as {@code postgres --version} says it: {@code 18.6}
 */
public record PostgresPrograms(Path folder, int major, String version) {
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (([0-9]+)[^ \\n]*)");
  private static final long VERSION_TIMEOUT_SECONDS = 20;
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  /**
   * Looks in the given folder, or else where Debian installs and on the PATH.
   *
   * @param given a folder with {@code postgres}, or one with {@code bin/postgres}
   * @param searchPath what the environment calls {@code PATH}
   * @throws PermanentException {@code PROGRAMS_MISSING}, naming where it looked
   */
  public static PostgresPrograms find(int major, Optional<Path> given, String searchPath) {
    List<Path> folders = candidates(major, given, searchPath);
    var seen = new ArrayList<String>();
    for (Path folder : folders) {
      if (Files.isExecutable(folder.resolve("postgres"))) {
        PostgresPrograms programs = read(folder);
        if (programs.major() == major) {
          return programs;
        }
        seen.add(folder + " has " + programs.version());
      }
    }
    throw new PermanentException(
        ErrorCode.PROGRAMS_MISSING,
        "PostgreSQL "
            + major
            + "'s programs are not on this machine"
            + (seen.isEmpty() ? "" : " (" + String.join(", ", seen) + ")"),
        "Install them (Debian: apt install postgresql-"
            + major
            + "), or name their folder in the plan's drill.programs. Looked in: "
            + String.join(", ", folders.stream().map(Path::toString).toList())
            + ".");
  }

  private static List<Path> candidates(int major, Optional<Path> given, String searchPath) {
    if (given.isPresent()) {
      return List.of(given.get(), given.get().resolve("bin"));
    }
    var folders = new ArrayList<Path>();
    folders.add(INSTALLED.resolve(Integer.toString(major)).resolve("bin"));
    for (String folder : searchPath.split(":", -1)) {
      if (folder.startsWith("/")) {
        folders.add(Path.of(folder));
      }
    }
    return folders;
  }

  /** Asks the programs in a folder for their version. */
  static PostgresPrograms read(Path folder) {
    return read(folder, "postgres");
  }

  /**
   * Asks one of the programs in a folder for its version: where only the clients are installed
   * there is no server to ask.
   *
   * @throws PermanentException {@code PROGRAMS_MISSING} if it does not answer as PostgreSQL's do
   */
  public static PostgresPrograms read(Path folder, String program) {
    String said = run(folder.resolve(program));
    Matcher matcher = VERSION.matcher(said);
    if (!matcher.find()) {
      throw new PermanentException(
          ErrorCode.PROGRAMS_MISSING,
          folder.resolve(program) + " does not say its version but: " + said.strip(),
          "Name a folder with PostgreSQL's own programs.");
    }
    return new PostgresPrograms(folder, Integer.parseInt(matcher.group(2)), matcher.group(1));
  }

  private static String run(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
      if (!process.waitFor(VERSION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return said;
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.PROGRAMS_MISSING,
          program + " cannot be run: " + e.getMessage(),
          "Install PostgreSQL's programs for this machine's system and processor.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "Interrupted while looking for programs", "Run it again.", e);
    }
  }

  /** The server. */
  public Path postgres() {
    return folder.resolve("postgres");
  }

  /** Creates clusters. */
  public Path initdb() {
    return folder.resolve("initdb");
  }

  /** Starts and stops servers. */
  public Path pgCtl() {
    return folder.resolve("pg_ctl");
  }

  /** Runs SQL, where it is installed. */
  public Optional<Path> psql() {
    return optional("psql");
  }

  /** Writes a database's definitions and rows, where it is installed. */
  public Optional<Path> pgDump() {
    return optional("pg_dump");
  }

  /** Holds a backup against its manifest, where it is installed. */
  public Optional<Path> pgVerifyBackup() {
    return optional("pg_verifybackup");
  }

  /** Checks indexes and heaps, where it is installed. */
  public Optional<Path> pgAmcheck() {
    return optional("pg_amcheck");
  }

  private Optional<Path> optional(String name) {
    return Optional.of(folder.resolve(name)).filter(Files::isExecutable);
  }
}
