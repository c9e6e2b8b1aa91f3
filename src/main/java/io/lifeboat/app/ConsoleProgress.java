package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** Shows a run on standard error. Thread-safe. */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
  private static final int BAR_WIDTH = 30;

  private final PrintStream err;
  private final Style style;
  private final AtomicBoolean cancelled;
  private String phase = "";
  private long expectedBytes;
  private long bytes;
  private long items;
  private long started;
  private long drawn;

  /** How to show it. */
  enum Style {
    BAR,
    LINES,
    SILENT
  }

  ConsoleProgress(PrintStream err, Style style, AtomicBoolean cancelled) {
    this.err = err;
    this.style = style;
    this.cancelled = cancelled;
  }

  @Override
  public synchronized void phase(String name) {
    endPhase();
    phase = name;
    expectedBytes = 0;
    bytes = 0;
    items = 0;
    started = System.nanoTime();
  }

  private void endPhase() {
    if (style != Style.SILENT && !phase.isEmpty()) {
      double seconds = (System.nanoTime() - started) / 1e9;
      String line =
          bytes == 0
              ? String.format(java.util.Locale.ROOT, "%-10s %.1f s", phase, seconds)
              : String.format(
                  java.util.Locale.ROOT,
                  "%-10s %.1f s, %s, %d items",
                  phase,
                  seconds,
                  Output.size(bytes),
                  items);
      err.println(style == Style.BAR ? "\r\u001b[K" + line : line);
    }
    phase = "";
  }

  @Override
  public synchronized void expect(long expected) {
    expectedBytes = expected;
  }

  @Override
  public synchronized void advance(long moreBytes, long moreItems) {
    bytes += moreBytes;
    items += moreItems;
    long now = System.nanoTime();
    if (style == Style.BAR && now - drawn > REDRAW_NANOS) {
      drawn = now;
      draw(now);
    }
  }

  private void draw(long now) {
    double rate = bytes / Math.max(1e-3, (now - started) / 1e9);
    var line = new StringBuilder("\r\u001b[K").append(String.format(Locale.ROOT, "%-10s ", phase));
    if (expectedBytes > 0) {
      int done = (int) Math.min(BAR_WIDTH, bytes * BAR_WIDTH / expectedBytes);
      line.append('[')
          .append("#".repeat(done))
          .append(" ".repeat(BAR_WIDTH - done))
          .append("] ")
          .append(Math.min(100, bytes * 100 / expectedBytes))
          .append(" % ");
    }
    line.append(Output.size(bytes)).append(", ").append(Output.size((long) rate)).append("/s");
    err.print(line);
    err.flush();
  }

  @Override
  public synchronized void event(String sentence) {
    if (style != Style.SILENT) {
      err.println((style == Style.BAR ? "\r\u001b[K" : "") + "note: " + sentence);
    }
  }

  /** Ends the last phase's display. */
  @Override
  public synchronized void close() {
    endPhase();
  }

  @Override
  public void checkCancelled() {
    if (cancelled.get()) {
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "Stopped on request",
          "Nothing half-made was published. Start it again.");
    }
  }
}
