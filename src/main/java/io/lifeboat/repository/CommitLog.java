package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * The only source of truth: numbered, signed, hash-chained entries, each created by a conditional
 * put. Who wants to append reads to the tip first; of two that append at once, the store lets one
 * win and the other reads on and tries again.
 *
 * <p>Thread-safe.
 */
final class CommitLog {
  static final String NO_PREVIOUS = "0".repeat(64);
  private static final int PARALLEL_READS = 16;

  private final ObjectStore store;
  private final VerifyKey admin;
  private final Clock clock;

  CommitLog(ObjectStore store, VerifyKey admin, Clock clock) {
    this.store = store;
    this.admin = admin;
    this.clock = clock;
  }

  /**
   * The log as it was read, to its tip.
   *
   * @param entries those that count, in order
   * @param problems a sentence for each entry that does not: damaged, forged, out of the chain
   * @param next the number that the next entry gets
   * @param tip the hash that the next entry refers to
   */
  record View(List<LogEntry> entries, List<String> problems, long next, String tip) {
    View {
      entries = List.copyOf(entries);
      problems = List.copyOf(problems);
    }

    /** The bodies of one type, in order. */
    <T extends LogRecord> Stream<T> all(Class<T> type) {
      return entries.stream().map(LogEntry::body).filter(type::isInstance).map(type::cast);
    }

    /**
     * The view itself, if nothing is wrong with it.
     *
     * @throws PermanentException with code {@code LOG_BROKEN}
     */
    View requireSound() {
      if (!problems.isEmpty()) {
        throw new PermanentException(
            ErrorCode.LOG_BROKEN,
            "The commit log is damaged: " + String.join("; ", problems),
            "Name a snapshot with --snapshot to restore one whose entry is sound. " + Hints.VERIFY);
      }
      return this;
    }
  }

  /** Reads all entries: a listing first, in parallel, and then one by one until there is none. */
  View read() {
    var reading = new Reading();
    for (byte[] object : listed()) {
      reading.add(object);
    }
    boolean more = true;
    while (more) {
      String name = Names.log(reading.next);
      more = store.head(name).isPresent();
      if (more) {
        reading.add(store.get(name));
      }
    }
    return reading.view();
  }

  private List<byte[]> listed() {
    List<String> names;
    try (Stream<ObjectInfo> objects = store.list(Names.LOG)) {
      names = objects.map(ObjectInfo::name).toList();
    }
    for (int n = 0; n < names.size(); n++) {
      if (!names.get(n).equals(Names.log(n))) {
        throw new PermanentException(
            ErrorCode.LOG_BROKEN,
            "The commit log has a gap: "
                + Names.log(n)
                + " is missing, "
                + names.get(n)
                + " is there",
            "Do not write to this repository. " + Hints.VERIFY);
      }
    }
    return readAll(names);
  }

  private List<byte[]> readAll(List<String> names) {
    var slots = new Semaphore(PARALLEL_READS);
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> reads = new ArrayList<>();
      for (String name : names) {
        slots.acquireUninterruptibly();
        reads.add(
            readers.submit(() -> {
              try {
                return store.get(name);
              } finally {
                slots.release();
              }
            }));
      }
      return reads.stream().map(Waits::get).toList();
    }
  }

  /**
   * Appends an entry at the tip.
   *
   * @param guard looks at the log as it is before each try, and may refuse by throwing
   */
  void append(LogRecord body, SigningKey signer, Guard guard) {
    while (true) {
      View view = read();
      guard.check(view);
      var entry =
          new LogEntry(view.next(), view.tip(), clock.instant(), signer.verifyKey().id(), body);
      byte[] object = entry.sign(signer);
      if (store.putIfAbsent(Names.log(entry.n()), new Body.Bytes(object)) == PutOutcome.CREATED) {
        return;
      }
    }
  }

  /** Decides whether an entry may still be appended. */
  interface Guard {
    void check(View view);
  }

  /** One pass over the log: which keys count, and the chain so far. */
  private final class Reading {
    private final Map<String, VerifyKey> writers = new HashMap<>(Map.of(admin.id(), admin));
    private final List<LogEntry> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private long next;
    private String tip = NO_PREVIOUS;

    void add(byte[] object) {
      String name = Names.log(next);
      try {
        LogEntry entry = accept(object, name);
        entries.add(entry);
        if (entry.body() instanceof LogRecord.Writer writer) {
          VerifyKey key = VerifyKey.parse(writer.key());
          writers.put(key.id(), key);
        }
      } catch (LifeboatException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
      next++;
      tip = Hashes.sha256Hex(object);
    }

    private LogEntry accept(byte[] object, String name) {
      SignedText.Parsed text = Failures.naming(name, () -> SignedText.parse(object));
      VerifyKey key = writers.get(text.keyId());
      if (key == null || !text.verify(LogEntry.PURPOSE, key)) {
        throw bad(name, "its signature is not by a registered writer, or it was changed");
      }
      LogEntry entry = Json.read(text.payload(), LogEntry.class, name);
      if (entry.n() != next || !entry.writer().equals(key.id())) {
        throw bad(name, "it says it is entry " + entry.n() + " by " + entry.writer());
      }
      if (!entry.previous().equals(tip)) {
        throw bad(name, "it does not follow the entry before it, which was changed or replaced");
      }
      boolean adminOnly =
          entry.body() instanceof LogRecord.Genesis || entry.body() instanceof LogRecord.Writer;
      if (adminOnly && !key.equals(admin)) {
        throw bad(name, "only the admin key may sign such an entry");
      }
      return entry;
    }

    private PermanentException bad(String name, String why) {
      return new PermanentException(ErrorCode.LOG_BROKEN, name + ": " + why, Hints.VERIFY);
    }

    View view() {
      return new View(entries, problems, next, tip);
    }
  }
}
