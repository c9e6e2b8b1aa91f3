package io.lifeboat.app;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs several commands in one JVM, so that at the end of a build it can learn which classes and
 * methods they need: {@code Rehearsal FILE}, with a command on each line of the file, its arguments
 * separated by tabs. Ends with the status of the first command that fails.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /** Runs the commands; what they answer is shown only if one fails. */
  public static void main(String[] arguments) throws Exception {
    List<String> commands = Files.readAllLines(Path.of(arguments[0]));
    for (String command : commands) {
      var answer = new ByteArrayOutputStream();
      var stream = new PrintStream(answer, true, StandardCharsets.UTF_8);
      int status =
          new CommandLine(stream, stream, System.getenv(), new AtomicBoolean())
              .run(command.split("\t", -1));
      if (status != 0) {
        System.err.println(command + " ended with " + status + ": " + answer);
        System.exit(status);
      }
    }
    System.exit(0);
  }
}
