package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node has seen as a log's newest entry: nothing in the objects shows that the newest
 * ones were taken away, or the whole store set back. A line {@code <n> <sha256>} in a file for each
 * repository and store. Thread-safe; of two processes the last one to write wins, which can only
 * make it remember less.
 */
final class RememberedTip {
  private static final Logger LOG = LoggerFactory.getLogger(RememberedTip.class);
  private static final Pattern LINE = Pattern.compile("(\\d{1,18}) ([0-9a-f]{64})\n");

  private final ObjectStore store;
  private final Path file;

  RememberedTip(ObjectStore store, Path folder, String repository) {
    this.store = store;
    this.file = folder.resolve(repository + "-" + Attestation.place(store.describe()));
  }

  /** Holds a log against what is remembered, and remembers it if it is sound. */
  CommitLog.View check(CommitLog.View view) {
    Optional<Attestation.Tip> remembered = read();
    Optional<String> problem =
        remembered.flatMap(tip -> rolledBack(store, view, tip, "this node remembers, in " + file));
    if (problem.isPresent()) {
      return view.withProblem(problem.get());
    }
    boolean longer = remembered.isEmpty() || remembered.get().n() < view.next() - 1;
    if (longer && view.next() > 0 && view.problems().isEmpty()) {
      write(new Attestation.Tip(view.next() - 1, view.tip()));
    }
    return view;
  }

  /** Remembers an entry that was added here: whoever takes it away again shall be noticed. */
  void appended(Attestation.Tip tip) {
    try {
      if (read().filter(known -> known.n() >= tip.n()).isEmpty()) {
        write(tip);
      }
    } catch (PermanentException e) {
      // The entry is in the log, and that is what counts.
      LOG.warn("event=tip-not-remembered entry={} reason={}", tip.n(), e.getMessage());
    }
  }

  /**
   * Makes sure that a log which is about to be continued was not rolled back: what it lacks may be
   * who must no longer read or write.
   *
   * @throws PermanentException with code {@code LOG_BROKEN}
   */
  void require(CommitLog.View view) {
    read()
        .flatMap(tip -> rolledBack(store, view, tip, "this node remembers, in " + file))
        .ifPresent(problem -> {
          throw new PermanentException(
              ErrorCode.LOG_BROKEN,
              "The commit log at " + store.describe() + " is not what it was: " + problem,
              "Nothing was written. Find out who set the store back, and put what is missing back"
                  + " from a copy; or, if that was you, on purpose, remove the file that is"
                  + " named.");
        });
  }

  /** What is wrong with a log that once ended with this entry, if anything is. */
  static Optional<String> rolledBack(
      ObjectStore store, CommitLog.View view, Attestation.Tip tip, String who) {
    String name = Names.log(tip.n());
    boolean mended =
        view.entries().stream()
            .anyMatch(e -> e.n() == tip.n() && e.body() instanceof LogRecord.Repaired);
    if (mended) {
      return Optional.empty();
    }
    if (tip.n() >= view.next() && store.head(name).isEmpty()) {
      return Optional.of(
          name + ": it is missing, so the log was rolled back: " + who + ", that it was there");
    }
    String hash =
        tip.n() == view.next() - 1
            ? view.tip()
            : Hashes.sha256Hex(store.get(name, ObjectLimits.SIGNED_BYTES));
    return hash.equals(tip.sha256())
        ? Optional.empty()
        : Optional.of(
            name + ": it was replaced, so the log was rolled back: " + who + ", what it was");
  }

  /** What is remembered. */
  Optional<Attestation.Tip> read() {
    try {
      Matcher line = LINE.matcher(Files.readString(file));
      return line.matches()
          ? Optional.of(new Attestation.Tip(Long.parseLong(line.group(1)), line.group(2)))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void write(Attestation.Tip tip) {
    try {
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), "tip-", "");
      Files.writeString(fresh, tip.n() + " " + tip.sha256() + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private PermanentException failed(IOException e) {
    return new PermanentException(
        ErrorCode.IO_FAILED,
        "Could not keep the log's newest entry in mind in " + file + ": " + e.getMessage(),
        "Check the folder that `workFolder` names.",
        e);
  }
}
