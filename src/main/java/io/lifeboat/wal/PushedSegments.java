package io.lifeboat.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the newest segments that were pushed had in them, so that one that comes again can be told
 * from another one of its name: nobody on this host can read what is in the repository. A file of
 * lines {@code NAME SHA-256}. What a power failure takes of it only makes the memory shorter. Its
 * owner guards it.
 */
final class PushedSegments {
  private static final int MOST = 8192;
  private static final Pattern LINE = Pattern.compile("([0-9A-F]{24}) ([0-9a-f]{64})");

  private final Path file;
  private final Map<String, String> digests = new LinkedHashMap<>();
  private int lines;

  private PushedSegments(Path file) {
    this.file = file;
  }

  /** Reads what an earlier run remembered; a line that is none is passed over. */
  static PushedSegments in(Path file) {
    var segments = new PushedSegments(file);
    if (Files.exists(file)) {
      try {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        text.lines()
            .map(LINE::matcher)
            .filter(line -> line.matches())
            .forEach(line -> segments.put(line.group(1), line.group(2)));
        segments.lines = (int) text.lines().count();
      } catch (IOException e) {
        throw SpoolFiles.failed(file, e);
      }
    }
    return segments;
  }

  private void put(String name, String digest) {
    digests.remove(name);
    digests.put(name, digest);
    if (digests.size() > MOST) {
      digests.remove(digests.keySet().iterator().next());
    }
  }

  /** The digest of a segment of this name, if one was pushed that is remembered. */
  Optional<String> digestOf(String name) {
    return Optional.ofNullable(digests.get(name));
  }

  /** Remembers one. */
  void remember(String name, String digest) {
    put(name, digest);
    try {
      if (lines > 2 * MOST) {
        rewrite();
      } else {
        // A line of its own, whatever a crash left of the one before.
        write(file, "\n" + name + " " + digest + "\n", StandardOpenOption.APPEND);
        lines += 2;
      }
    } catch (IOException e) {
      throw SpoolFiles.failed(file, e);
    }
  }

  private void rewrite() throws IOException {
    var text = new StringBuilder();
    digests.forEach((name, digest) -> text.append(name).append(' ').append(digest).append('\n'));
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(beside);
    write(beside, text.toString(), StandardOpenOption.WRITE);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    lines = digests.size();
  }

  private static void write(Path to, String text, StandardOpenOption how) throws IOException {
    try (var out =
        FileChannel.open(to, Set.of(StandardOpenOption.CREATE, how), SpoolFiles.FILE_MODE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }
}
