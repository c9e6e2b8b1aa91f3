package io.lifeboat.repository;

import io.lifeboat.crypto.VerifyKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Holds the objects of WAL against their signatures, and opens them where contents are read; looks
 * for segments that are missing between others. Thread-safe.
 */
final class WalCheck {
  private final RepositoryContext context;
  private final CommitLog.View view;
  private final boolean opens;
  private final Map<String, VerifyKey> writers;
  private final WalObjects objects;
  private final Consumer<String> problems;
  private final Map<String, WalArchive> archives = new ConcurrentHashMap<>();

  /**
   * A check.
   *
   * @param opens whether pieces are opened as well; needs a recovery kit
   */
  WalCheck(
      RepositoryContext context, CommitLog.View view, boolean opens, Consumer<String> problems) {
    this.context = context;
    this.view = view;
    this.opens = opens;
    this.writers = WalArchive.writers(context, view);
    this.objects = new WalObjects(context.format().repository());
    this.problems = problems;
  }

  /** Looks at one object; throws what is wrong with it. */
  void check(String name, byte[] all) {
    if (WalArchive.isSession(name)) {
      objects.envelope(name, all, writers);
    } else if (!WalArchive.isPiece(name) && !WalArchive.isHistory(name)) {
      problems.accept(name + ": no object of a write-ahead log is called like this");
    } else {
      objects.sealed(name, all, writers);
      if (opens) {
        archives
            .computeIfAbsent(
                name.split("/", 3)[1], cluster -> new WalArchive(context, view, cluster))
            .open(name, all);
      }
    }
  }

  /**
   * A sentence for each run of segments that is missing between two that are there: there no
   * recovery goes on.
   */
  static List<String> holes(Collection<String> names) {
    Map<String, TreeSet<Long>> segments = new TreeMap<>();
    for (String name : names) {
      if (WalArchive.isPiece(name)) {
        String[] parts = name.split("/");
        segments
            .computeIfAbsent(
                String.join("/", parts[0], parts[1], parts[2]),
                timeline -> new TreeSet<>(Long::compareUnsigned))
            .add(HexFormat.fromHexDigitsToLong(parts[3]));
      }
    }
    List<String> holes = new ArrayList<>();
    segments.forEach((timeline, present) -> {
      Optional<Long> before = Optional.empty();
      for (long segment : present) {
        long next = before.map(last -> last + 1).orElse(segment);
        if (segment != next) {
          HexFormat hex = HexFormat.of();
          holes.add(
              timeline
                  + ": segments "
                  + hex.toHexDigits(next)
                  + " to "
                  + hex.toHexDigits(segment - 1)
                  + " are missing between others, so a recovery from before them ends there");
        }
        before = Optional.of(segment);
      }
    });
    return holes;
  }
}
