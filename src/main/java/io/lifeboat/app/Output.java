package io.lifeboat.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a command says, for people or in JSON. */
final class Output {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;

  Output(PrintStream out, PrintStream err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  /** Answers: as one JSON document, or in words. */
  void answer(Object document, Runnable words) {
    if (json) {
      out.println(toJson(document));
    } else {
      words.run();
    }
    out.flush();
  }

  /** A line for people; nothing in JSON. */
  void line(String text) {
    if (!json) {
      out.println(text);
    }
  }

  /** Something that must not be missed, on standard error. */
  void warn(String text) {
    err.println("problem: " + text);
  }

  /** What to do about it, on standard error. */
  void hint(String text) {
    err.println("hint: " + text);
  }

  /** Whether answers are JSON. */
  boolean isJson() {
    return json;
  }

  /**
   * Standard output for many bytes. Unlike a {@link PrintStream} it throws when they do not get
   * where they should: a full disk must not end in half a file and status 0.
   */
  OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
        check();
      }

      @Override
      public void flush() throws IOException {
        check();
      }

      private void check() throws IOException {
        if (out.checkError()) {
          throw new IOException("standard output takes no more");
        }
      }
    };
  }

  /** A remark about an answer that somebody may want to store as it is: on standard error. */
  void note(String text) {
    err.println("# " + text);
  }

  /** Bytes as they are. */
  void raw(byte[] bytes) {
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /** Tells of a failure; answers the exit status. */
  int failure(LifeboatException failure, Map<String, String> environment) {
    if (json) {
      Map<String, String> document = new LinkedHashMap<>();
      document.put("code", failure.code().name());
      document.put("message", String.valueOf(failure.getMessage()));
      document.put("hint", failure.hint());
      document.put("runbook", failure.code().runbook());
      err.println(toJson(document));
    } else {
      err.println("error " + failure.code() + ": " + failure.getMessage());
      err.println("  what to do: " + failure.hint());
      err.println("  runbook: " + failure.code().runbook());
    }
    if ("1".equals(environment.get("LIFEBOAT_DEBUG"))) {
      failure.printStackTrace(err);
    }
    err.flush();
    return failure.code().kind().exitStatus();
  }

  /** A progress display: a bar on a terminal, a line for each phase elsewhere, nothing in JSON. */
  ConsoleProgress progress(AtomicBoolean cancelled) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return new ConsoleProgress(
        err,
        json
            ? ConsoleProgress.Style.SILENT
            : terminal ? ConsoleProgress.Style.BAR : ConsoleProgress.Style.LINES,
        cancelled);
  }

  static String toJson(Object document) {
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An answer of ours cannot be written as JSON", e);
    }
  }

  /** A duration for people: "12.3 s", "4 min 05 s". */
  static String seconds(java.time.Duration duration) {
    return duration.toMinutes() == 0
        ? String.format(java.util.Locale.ROOT, "%.1f s", duration.toMillis() / 1e3)
        : String.format(
            java.util.Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
  }

  /** Bytes for people: "1.4 GB". */
  static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    do {
      value /= 1000;
      unit++;
    } while (value >= 999.95);
    return String.format(java.util.Locale.ROOT, "%.1f %cB", value, "kMGTPE".charAt(unit));
  }
}
