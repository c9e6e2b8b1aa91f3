package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.WalTimes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a spool remembers, as a text of lines:
 *
 * <pre>
 * lifeboat wal spool 1
 * cluster SYSTEM-IDENTIFIER SEGMENT-BYTES
 * gap TIMELINE FROM TO
 * run NUMBER TIMELINE FROM SYNCED DURABLE (open|ended) SENT-AT
 * end
 * </pre>
 *
 * @param runs in the order in which they were received
 */
record SpoolState(String systemIdentifier, int segmentBytes, Optional<WalGap> gap, List<Run> runs) {
  private static final String MAGIC = "lifeboat wal spool 1";
  private static final String END = "end";

  SpoolState {
    runs = List.copyOf(runs);
  }

  /**
   * A stretch of one timeline without a gap.
   *
   * @param times of the last of it
   */
  record Run(
      int number, int timeline, Lsn from, Lsn synced, Lsn durable, boolean ended, WalTimes times) {}

  byte[] toBytes() {
    var text = new StringBuilder(MAGIC).append('\n');
    text.append("cluster ").append(systemIdentifier).append(' ').append(segmentBytes).append('\n');
    gap.ifPresent(lost ->
        text.append("gap ")
            .append(lost.timeline())
            .append(' ')
            .append(lost.from())
            .append(' ')
            .append(lost.to())
            .append('\n'));
    for (Run run : runs) {
      text.append("run ")
          .append(run.number())
          .append(' ')
          .append(run.timeline())
          .append(' ')
          .append(run.from())
          .append(' ')
          .append(run.synced())
          .append(' ')
          .append(run.durable())
          .append(run.ended() ? " ended " : " open ")
          .append(run.times().sentAt())
          .append(' ')
          .append(run.times().completeAt())
          .append('\n');
    }
    return text.append(END).append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads it.
   *
   * @throws PermanentException with code {@code IO_FAILED} if it is something else
   */
  static SpoolState parse(byte[] bytes) {
    List<String> lines = new String(bytes, StandardCharsets.US_ASCII).lines().toList();
    try {
      if (lines.size() < 3 || !lines.getFirst().equals(MAGIC) || !lines.getLast().equals(END)) {
        throw new IllegalArgumentException("it is no such file, or it is cut short");
      }
      String[] cluster = fields(lines.get(1), "cluster", 3);
      Optional<WalGap> gap = Optional.empty();
      var runs = new ArrayList<Run>();
      for (String line : lines.subList(2, lines.size() - 1)) {
        if (line.startsWith("gap ")) {
          String[] field = fields(line, "gap", 4);
          gap =
              Optional.of(
                  new WalGap(Integer.parseInt(field[1]), Lsn.parse(field[2]), Lsn.parse(field[3])));
        } else {
          runs.add(run(fields(line, "run", 9)));
        }
      }
      return new SpoolState(cluster[1], Integer.parseInt(cluster[2]), gap, runs);
    } catch (RuntimeException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The state of the WAL spool cannot be read: " + e.getMessage(),
          "Move the spool's folder away and keep it; streaming goes on where the repository ends,"
              + " or with a new full backup.",
          e);
    }
  }

  private static Run run(String[] field) {
    return new Run(
        Integer.parseInt(field[1]),
        Integer.parseInt(field[2]),
        Lsn.parse(field[3]),
        Lsn.parse(field[4]),
        Lsn.parse(field[5]),
        field[6].equals("ended"),
        new WalTimes(Instant.parse(field[7]), Instant.parse(field[8])));
  }

  private static String[] fields(String line, String kind, int count) {
    String[] fields = line.split(" ", -1);
    if (fields.length != count || !fields[0].equals(kind)) {
      throw new IllegalArgumentException("line '" + line + "' is none of it");
    }
    return fields;
  }
}
