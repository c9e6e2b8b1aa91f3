package io.lifeboat.runbook;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One bash in which steps are taken one after the other, as a person at a prompt takes them: what
 * one sets, the next ones see.
 */
final class Shell implements AutoCloseable {
  private static final long PATIENCE_MINUTES = 10;

  private final Path folder;
  private final Process bash;
  private final PrintStream commands;
  private final BufferedReader answers;
  private int steps;

  /**
   * Starts one.
   *
   * @param folder where it works, and where steps and their output are kept
   * @param settings variables of its environment
   */
  Shell(Path folder, Map<String, String> settings) throws IOException {
    this.folder = folder;
    // Ends by itself, should a step never end.
    var builder =
        new ProcessBuilder("timeout", PATIENCE_MINUTES + "m", "bash", "--noprofile", "--norc");
    builder.environment().putAll(settings);
    bash =
        builder
            .directory(folder.toFile())
            .redirectError(folder.resolve("shell.err").toFile())
            .start();
    commands = new PrintStream(bash.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(bash.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Takes a step; answers what is wrong with what came of it. */
  Optional<String> take(Runbook.Step step) throws IOException {
    steps++;
    Path script = folder.resolve(steps + "-" + step.id() + ".sh");
    Path output = folder.resolve(steps + "-" + step.id() + ".out");
    Files.writeString(script, step.commands());
    commands.println(". " + script + " >" + output + " 2>&1 </dev/null; printf '%s\\n' \"$?\"");
    String status = answers.readLine();
    if (status == null) {
      return Optional.of("the shell ended");
    }
    String said = Files.readString(output);
    if (Integer.parseInt(status) != step.exitStatus()) {
      return Optional.of(
          "exit status "
              + status
              + " instead of "
              + step.exitStatus()
              + ", after saying:\n"
              + said);
    }
    return step.expected().stream()
        .filter(text -> !said.contains(text))
        .findFirst()
        .map(text -> "it does not say \"" + text + "\" but:\n" + said);
  }

  @Override
  public void close() throws InterruptedException {
    commands.close();
    if (!bash.waitFor(20, TimeUnit.SECONDS)) {
      bash.destroyForcibly().waitFor();
    }
  }
}
