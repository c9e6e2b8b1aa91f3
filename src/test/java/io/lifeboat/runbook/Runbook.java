package io.lifeboat.runbook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A runbook's steps, out of its Markdown. */
record Runbook(String name, String text, List<Step> steps) {
  private static final Pattern BLOCK =
      Pattern.compile("^```bash run\\b(.*)\\n((?:.*\\n)*?)```$", Pattern.MULTILINE);
  private static final Pattern WORD =
      Pattern.compile("\\G\\s*(?:id=([a-z]+)|exit=([0-9]+)|expect=\"([^\"]+)\")\\s*");

  Runbook {
    steps = List.copyOf(steps);
  }

  /** A block that is run. */
  record Step(String id, int exitStatus, List<String> expected, String commands) {
    Step {
      expected = List.copyOf(expected);
    }
  }

  static Runbook read(Path file) throws IOException {
    String text = Files.readString(file);
    var steps = new ArrayList<Step>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      steps.add(step(blocks.group(1), blocks.group(2)));
    }
    return new Runbook(file.getFileName().toString(), text, steps);
  }

  private static Step step(String marks, String commands) {
    String id = "";
    int exitStatus = 0;
    var expected = new ArrayList<String>();
    int end = 0;
    Matcher words = WORD.matcher(marks);
    while (words.find()) {
      end = words.end();
      if (words.group(1) != null) {
        id = words.group(1);
      } else if (words.group(2) != null) {
        exitStatus = Integer.parseInt(words.group(2));
      } else {
        expected.add(words.group(3));
      }
    }
    if (id.isEmpty() || end != marks.length()) {
      throw new IllegalArgumentException("not understood: ```bash run" + marks);
    }
    return new Step(id, exitStatus, expected, commands);
  }
}
