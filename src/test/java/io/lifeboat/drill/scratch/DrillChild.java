package io.lifeboat.drill.scratch;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.FolderSnapshot;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process of its own that makes a scratch, boots in it, says so, and then waits to be killed. */
final class DrillChild {
  private DrillChild() {}

  /** Arguments: work folder, backup folder, facts file, kind, image or programs. */
  public static void main(String[] arguments) throws Exception {
    Path work = Path.of(arguments[0]);
    ClusterFacts facts = ClusterFacts.fromJson(Files.readString(Path.of(arguments[2])));
    var snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), Path.of(arguments[1]));
    ScratchKind kind = ScratchKind.valueOf(arguments[3]);
    var request =
        new ScratchRequest(
            "child",
            kind,
            Optional.of(arguments[4]).filter(image -> kind == ScratchKind.docker),
            Optional.of(arguments[4]).filter(p -> kind == ScratchKind.process).map(Path::of),
            facts);
    var factory = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
    say("begun");
    PostgresScratch scratch = factory.postgres(request);
    say("allocated");
    try (RestoreTarget target = scratch.target()) {
      new RestoreEngine().restore(snapshot, RestoreSelection.everything(), target, Progress.none());
    }
    say("restored");
    scratch.start(Duration.ofMinutes(2), Progress.none());
    say("booted");
    Thread.sleep(Duration.ofMinutes(10));
  }

  private static void say(String what) throws IOException {
    System.out.write((what + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    System.out.flush();
  }

  /** Starts it and waits until it says so. */
  static Process start(String until, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                DrillChild.class.getName()));
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> said = new ArrayList<>();
    for (String line = child.inputReader().readLine();
        line != null;
        line = child.inputReader().readLine()) {
      said.add(line);
      if (line.equals(until)) {
        return child;
      }
    }
    throw new IOException("the child ended, having said " + said);
  }
}
