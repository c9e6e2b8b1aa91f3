package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file {@code tablespace_map} of a base backup: {@code (oid || ' ' || path || '\n')*}, with a
 * backslash before each backslash, line feed and carriage return of a path. When PostgreSQL starts
 * with a {@code backup_label}, it makes the links in {@code pg_tblspc} from it, replacing what is
 * there, and then renames it.
 *
 * <p>A copy that starts with the original map would open, and write to, the source's own
 * tablespaces if it is started on the source's machine. So it is never left as it is.
 */
public final class TablespaceMap {
  /** The file's name, in the data directory. Absent from clusters without tablespaces. */
  public static final String FILE_NAME = "tablespace_map";

  /** PostgreSQL's MAXPGPATH, with its terminating zero. */
  private static final int LONGEST_PATH_BYTES = 1023;

  private TablespaceMap() {}

  /**
   * The map with new places.
   *
   * @param locations absolute paths on the machine of the copy, by tablespace; may name more
   * @throws PermanentException {@code USAGE_INVALID} if a tablespace has no place, {@code
   *     MANIFEST_MISMATCH} if the original is no such map
   */
  public static byte[] rewrite(byte[] original, Map<Long, String> locations) {
    var rewritten = new ByteArrayOutputStream();
    for (long oid : parse(original).keySet()) {
      String location = locations.get(oid);
      if (location == null) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "Tablespace " + oid + " of the snapshot has no place in the restored cluster",
            "Give a folder for it: a copy that used the source's would overwrite it.");
      }
      rewritten.writeBytes((oid + " ").getBytes(StandardCharsets.US_ASCII));
      rewritten.writeBytes(escaped(oid, location));
      rewritten.write('\n');
    }
    return rewritten.toByteArray();
  }

  /** The paths on the source, by tablespace. */
  public static Map<Long, String> parse(byte[] original) {
    var locations = new TreeMap<Long, String>();
    var line = new ByteArrayOutputStream();
    boolean isEscaped = false;
    for (byte b : original) {
      if (!isEscaped && b == '\\') {
        isEscaped = true;
      } else if (!isEscaped && (b == '\n' || b == '\r')) {
        addLine(line.toString(StandardCharsets.UTF_8), locations);
        line.reset();
      } else {
        line.write(b);
        isEscaped = false;
      }
    }
    if (line.size() > 0 || isEscaped) {
      throw broken("its last line has no end");
    }
    return locations;
  }

  private static void addLine(String line, Map<Long, String> locations) {
    if (line.isEmpty()) {
      return;
    }
    int space = line.indexOf(' ');
    if (space < 1 || !line.substring(0, space).matches("[0-9]{1,10}")) {
      throw broken("it has the line '" + line + "'");
    }
    locations.put(Long.parseLong(line.substring(0, space)), line.substring(space + 1));
  }

  private static byte[] escaped(long oid, String location) {
    byte[] path = location.getBytes(StandardCharsets.UTF_8);
    if (!location.startsWith("/") || path.length > LONGEST_PATH_BYTES) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The place for tablespace " + oid + " is '" + location + "'",
          "It must be an absolute path of at most " + LONGEST_PATH_BYTES + " bytes.");
    }
    var escaped = new ByteArrayOutputStream();
    for (byte b : path) {
      if (b == '\n' || b == '\r' || b == '\\') {
        escaped.write('\\');
      }
      escaped.write(b);
    }
    return escaped.toByteArray();
  }

  private static PermanentException broken(String what) {
    return new PermanentException(
        ErrorCode.MANIFEST_MISMATCH,
        "tablespace_map of the snapshot is not one: " + what,
        "Choose another snapshot.");
  }
}
