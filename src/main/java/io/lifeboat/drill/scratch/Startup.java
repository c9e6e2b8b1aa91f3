package io.lifeboat.drill.scratch;

import java.util.List;

/** What came of booting a restored cluster. */
public sealed interface Startup {
  /** It accepts connections. */
  record Ready() implements Startup {}

  /**
   * It ended by itself.
   *
   * @param status its exit status; 128 and a signal's number if it was killed
   * @param log the last lines it wrote
   */
  record Ended(int status, List<String> log) implements Startup {
    /** Copies the log. */
    public Ended {
      log = List.copyOf(log);
    }
  }

  /** It neither ended nor accepted connections in time. */
  record TimedOut(List<String> log) implements Startup {
    /** Copies the log. */
    public TimedOut {
      log = List.copyOf(log);
    }
  }
}
