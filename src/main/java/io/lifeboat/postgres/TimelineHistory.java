package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a timeline came from: what a file {@code <timeline>.history} says. Timeline 1 has none.
 *
 * @param ancestors the oldest first; each goes on in the one after it, the last one in this
 *     timeline
 */
public record TimelineHistory(int timeline, List<Ancestor> ancestors) {
  /** A line of a history is some dozens of bytes, and there is one for each promotion. */
  private static final int MOST_BYTES = 4 << 20;

  private static final Pattern LINE =
      Pattern.compile("\\s*(\\d{1,10})\\s+([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})(\\s.*)?");

  /** Copies the list, and checks that timelines and positions rise. */
  public TimelineHistory {
    ancestors = List.copyOf(ancestors);
    int before = 0;
    Lsn position = new Lsn(0);
    for (Ancestor ancestor : ancestors) {
      if (ancestor.timeline() <= before || ancestor.endsAt().isBefore(position)) {
        throw new IllegalArgumentException("timelines or positions do not rise");
      }
      before = ancestor.timeline();
      position = ancestor.endsAt();
    }
    if (timeline <= before) {
      throw new IllegalArgumentException("it says that timeline " + before + " came before it");
    }
  }

  /**
   * A timeline that another one branched off.
   *
   * @param endsAt the first position that is the next timeline's alone
   */
  public record Ancestor(int timeline, Lsn endsAt) {}

  /**
   * A part of the way from the beginning of the log to a timeline.
   *
   * @param from the first position that is this timeline's
   * @param to the first one that is the next timeline's; empty for the last
   */
  public record Leg(int timeline, Lsn from, Optional<Lsn> to) {}

  /** Of a timeline that branched off nothing. */
  public static TimelineHistory first() {
    return new TimelineHistory(1, List.of());
  }

  /**
   * Reads a file.
   *
   * @throws PermanentException with code {@code WAL_STREAM_FAILED} if it is none
   */
  public static TimelineHistory parse(int timeline, byte[] file) {
    if (file.length > MOST_BYTES) {
      throw broken(timeline, "it has " + file.length + " bytes");
    }
    var ancestors = new ArrayList<Ancestor>();
    for (String line : new String(file, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
        ancestors.add(ancestor(timeline, line));
      }
    }
    if (ancestors.isEmpty() && timeline != 1) {
      throw broken(timeline, "it names no timeline");
    }
    try {
      return new TimelineHistory(timeline, ancestors);
    } catch (IllegalArgumentException e) {
      throw broken(timeline, String.valueOf(e.getMessage()));
    }
  }

  private static Ancestor ancestor(int timeline, String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw broken(timeline, "line '" + line.strip() + "' is no timeline with a position");
    }
    try {
      return new Ancestor(Integer.parseInt(matcher.group(1)), Lsn.parse(matcher.group(2)));
    } catch (NumberFormatException e) {
      throw broken(timeline, "line '" + line.strip() + "' has an impossible timeline");
    }
  }

  private static PermanentException broken(int timeline, String why) {
    return new PermanentException(
        ErrorCode.WAL_STREAM_FAILED,
        "The history of timeline " + timeline + " cannot be read: " + why,
        "Look at the file of that name in the server's pg_wal.");
  }

  /** Where an ancestor ends; empty for the timeline itself and for any that is none. */
  public Optional<Lsn> endOf(int ancestor) {
    return ancestors.stream()
        .filter(one -> one.timeline() == ancestor)
        .map(Ancestor::endsAt)
        .findFirst();
  }

  /** All parts, from the beginning of the log to this timeline. */
  public List<Leg> legs() {
    var legs = new ArrayList<Leg>();
    Lsn from = new Lsn(0);
    for (Ancestor ancestor : ancestors) {
      legs.add(new Leg(ancestor.timeline(), from, Optional.of(ancestor.endsAt())));
      from = ancestor.endsAt();
    }
    legs.add(new Leg(timeline, from, Optional.empty()));
    return List.copyOf(legs);
  }
}
