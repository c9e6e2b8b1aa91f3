package io.lifeboat.postgres;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server calls a file that it archives. */
public sealed interface WalFileName {
  /**
   * A segment that is complete.
   *
   * @param log the upper 32 bits of the position
   * @param number which segment of these 4 GiB, unsigned
   */
  record Segment(int timeline, int log, int number) implements WalFileName {
    /** Where it begins; empty if segments of this size cannot have such a name. */
    public Optional<Lsn> start(int segmentBytes) {
      long offset = Integer.toUnsignedLong(number) * segmentBytes;
      return offset >= 1L << 32
          ? Optional.empty()
          : Optional.of(new Lsn(Integer.toUnsignedLong(log) << 32 | offset));
    }
  }

  /** Where a timeline branched off. */
  record History(int timeline) implements WalFileName {}

  /** What a promotion left of the old timeline's last segment. */
  record Partial(int timeline) implements WalFileName {}

  /** A note of where a backup began and ended, for people. */
  record BackupNote(int timeline) implements WalFileName {}

  /** What a name means, or empty if no file that is archived has such a name. */
  static Optional<WalFileName> parse(String name) {
    Matcher matcher =
        Pattern.compile(
                "([0-9A-F]{8})(?:([0-9A-F]{8})([0-9A-F]{8})(\\.partial|\\.[0-9A-F]{8}\\.backup)?"
                    + "|\\.history)")
            .matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int timeline = HexFormat.fromHexDigits(matcher.group(1));
    if (timeline <= 0) {
      return Optional.empty();
    }
    if (matcher.group(2) == null) {
      return Optional.of(new History(timeline));
    }
    Optional<String> ending = Optional.ofNullable(matcher.group(4));
    if (ending.isEmpty()) {
      int log = HexFormat.fromHexDigits(matcher.group(2));
      return Optional.of(new Segment(timeline, log, HexFormat.fromHexDigits(matcher.group(3))));
    }
    return Optional.of(
        ending.get().equals(".partial") ? new Partial(timeline) : new BackupNote(timeline));
  }
}
