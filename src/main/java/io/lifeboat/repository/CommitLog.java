package io.lifeboat.repository;

import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

  /** So often a store may refuse a name and not show what is there. */
  private static final int MOST_HIDDEN = 5;

  private final ObjectStore store;
  private final LogObjects objects;
  private final VerifyKey admin;
  private final Clock clock;
  private final Consumer<Attestation.Tip> appended;

  CommitLog(ObjectStore store, VerifyKey admin, Clock clock) {
    this(store, admin, clock, tip -> {});
  }

  /** A log; {@code appended} hears of each entry that was added here. */
  CommitLog(ObjectStore store, VerifyKey admin, Clock clock, Consumer<Attestation.Tip> appended) {
    this.store = store;
    this.objects = new LogObjects(store, admin);
    this.admin = admin;
    this.clock = clock;
    this.appended = appended;
  }

  /**
   * The log as it was read, to its tip.
   *
   * @param entries those that count, in order
   * @param problems a sentence for each entry that does not: damaged, forged, out of the chain,
   *     missing; but for those that are declared void
   * @param refused the objects that are no entries, those that are declared void left out
   * @param writers the ids of the keys whose entries count, and for what; the admin key is not
   *     among them
   * @param next the number that the next entry gets; that of the first missing one, if there is a
   *     gap
   * @param tip the hash that the next entry refers to
   * @param gap whether entries are missing: nothing may be appended then, as it would stand in the
   *     place of a lost one
   * @param copy whether it is a copy that is marked as one: nothing may be appended to it either
   */
  record View(
      List<LogEntry> entries,
      List<String> problems,
      List<Refused> refused,
      Map<String, Set<Role>> writers,
      long next,
      String tip,
      boolean gap,
      boolean copy) {
    View {
      entries = List.copyOf(entries);
      problems = List.copyOf(problems);
      refused = List.copyOf(refused);
      writers = Map.copyOf(writers);
    }

    /** Whether the admin key took this key from the writers. */
    boolean removed(VerifyKey key) {
      return !writers.containsKey(key.id())
          && all(LogRecord.WriterRemoved.class).anyMatch(entry -> entry.writer().equals(key.id()));
    }

    /**
     * Makes sure that this log may be continued here.
     *
     * @throws PermanentException with code {@code REPOSITORY_IS_COPY}
     */
    void requireOriginal() {
      if (copy) {
        throw new PermanentException(
            ErrorCode.REPOSITORY_IS_COPY,
            "This is a copy that `lifeboat copy` keeps up to date, which the object "
                + Names.COPY_MARK
                + " says: it is read, and not written to",
            "Nothing was added to the commit log. Use the original: what is done there comes here"
                + " with the next `lifeboat copy`. If the original is lost for good, `lifeboat copy"
                + " --promote --yes --to STORE` makes this one a repository of its own.");
      }
    }

    /**
     * Makes sure that no entry is missing before the last one: one that is added would stand in the
     * place of a lost one.
     *
     * @throws PermanentException with code {@code LOG_BROKEN}
     */
    void requireNoGap() {
      if (gap) {
        throw new PermanentException(
            ErrorCode.LOG_BROKEN,
            "Nothing can be added to the commit log, as entries are missing or in the place of one"
                + " is something else: "
                + String.join("; ", problems),
            "Nothing was added. " + Hints.REPAIR_LOG);
      }
    }

    /** The same log, with one more thing wrong. */
    View withProblem(String problem) {
      List<String> more = new ArrayList<>(problems);
      more.add(problem);
      return new View(entries, more, refused, writers, next, tip, gap, copy);
    }

    /** The bodies of one type, in order. */
    <T extends LogRecord> Stream<T> all(Class<T> type) {
      return entries.stream().map(LogEntry::body).filter(type::isInstance).map(type::cast);
    }
  }

  /**
   * An object in the place of an entry that does not count.
   *
   * @param why a sentence, one of the problems
   * @param needed why it must not be declared void, empty if nothing speaks against it
   */
  record Refused(long n, String sha256, String why, Optional<String> needed) {}

  /** Reads all entries. */
  View read() {
    return read(new SoundEntries());
  }

  /**
   * Reads all entries but those that were found sound before.
   *
   * @param sound gets those that are found sound now
   */
  View read(SoundEntries sound) {
    return objects.read(sound);
  }

  /**
   * Appends an entry at the tip.
   *
   * @param guard looks at the log as it is before each try, and may refuse by throwing
   * @throws PermanentException with codes {@code LOG_BROKEN} if the entry would not count, {@code
   *     REPOSITORY_IS_COPY} if the log is continued elsewhere
   */
  void append(LogRecord body, SigningKey signer, Guard guard) {
    append(signer, guarded(body, guard));
  }

  private static Draft guarded(LogRecord body, Guard guard) {
    return view -> {
      guard.check(view);
      return Optional.of(body);
    };
  }

  /**
   * Appends at the tip what {@code draft} makes of the log up to there; it is asked anew at each
   * try, so an entry never rests on less than everything before it.
   *
   * @return the entry's number, or empty if there was nothing to append
   * @throws PermanentException with code {@code LOG_BROKEN} if the entry would not count, {@code
   *     STORE_UNSAFE} if the store hides what it has
   */
  Optional<Long> append(SigningKey signer, Draft draft) {
    return append(signer, draft, () -> readForWriting(new SoundEntries()));
  }

  /**
   * The same, for a run that has read the log before and goes on reading where it was.
   *
   * @param guard looks at the log as it is before each try, and may refuse by throwing
   * @return the entry's number
   */
  long append(LogRecord body, SigningKey signer, Guard guard, Ahead ahead) {
    return append(signer, guarded(body, guard), ahead).orElseThrow();
  }

  private Optional<Long> append(SigningKey signer, Draft draft, Supplier<View> latest) {
    String key = signer.verifyKey().id();
    long taken = -1;
    int hidden = 0;
    while (true) {
      View view = latest.get();
      hidden = view.next() > taken ? 0 : hidden + 1;
      if (hidden == MOST_HIDDEN) {
        throw hides(Names.log(taken));
      }
      Optional<LogRecord> body = draft.make(view);
      if (body.isEmpty()) {
        return Optional.empty();
      }
      requireCounting(view, signer.verifyKey(), body.get());
      var entry = new LogEntry(view.next(), view.tip(), clock.instant(), key, body.get());
      byte[] object = entry.sign(signer);
      if (store.putIfAbsent(Names.log(entry.n()), new Body.Bytes(object)) == PutOutcome.CREATED) {
        appended.accept(new Attestation.Tip(entry.n(), Hashes.sha256Hex(object)));
        return Optional.of(entry.n());
      }
      taken = entry.n();
    }
  }

  private static PermanentException hides(String name) {
    return new PermanentException(
        ErrorCode.STORE_UNSAFE,
        "The store refuses to create " + name + " because it is there, and does not show it",
        "Nothing was added to the commit log. `lifeboat probe` tells what the store does wrong. Use"
            + " one that shows an object as soon as it is created.");
  }

  /**
   * Reads the log to append to it. An entry that does not count may be damaged in the store, and
   * then the next one follows it as it is stored; or it was only read wrong, and a successor of
   * what was read would stay a puzzle for ever. A second look tells them apart.
   */
  private View readForWriting(SoundEntries sound) {
    View view = read(sound);
    view.requireOriginal();
    if (!view.problems().isEmpty() && !read().tip().equals(view.tip())) {
      throw new TransientException(
          ErrorCode.STORE_UNREACHABLE,
          "The store answered differently to two reads of the commit log: "
              + String.join("; ", view.problems()),
          "Nothing was added to the commit log. Check the network and the disk of the store, then"
              + " start again.");
    }
    return view;
  }

  private void requireCounting(View view, VerifyKey key, LogRecord body) {
    Set<Role> roles = view.writers().get(key.id());
    boolean counts = key.equals(admin) || (roles != null && permits(roles, body));
    view.requireNoGap();
    if (counts) {
      return;
    }
    if (roles != null || view.removed(key)) {
      throw new PermanentException(
          ErrorCode.KEY_MISMATCH,
          "The key "
              + key.id()
              + " may not add such an entry to the commit log: "
              + (roles == null
                  ? "it was removed from the writers"
                  : "its roles are " + roles + " only"),
          "Nothing was added to the commit log. Use a node whose key has the role, or register one"
              + " with `lifeboat keygen node` and the recovery kit; `lifeboat writer list` shows"
              + " them.");
    }
    throw new PermanentException(
        ErrorCode.LOG_BROKEN,
        "Nothing can be added to the commit log: it does not register the key "
            + key.id()
            + ", so no entry by it would count"
            + (view.problems().isEmpty() ? "" : ": " + String.join("; ", view.problems())),
        "Nothing was added. " + Hints.REPAIR_LOG);
  }

  /** Whether an entry by a key that is not the admin's counts. */
  static boolean permits(Set<Role> roles, LogRecord body) {
    return body.role().filter(roles::contains).isPresent();
  }

  /**
   * Begins to read the log for an entry that will be appended in a moment. That is early enough: an
   * entry that somebody else adds meanwhile takes the number that this one would have, and then the
   * log is read again.
   *
   * @param sound what the run knows of the log
   */
  Ahead readAhead(SoundEntries sound) {
    return new Ahead(sound);
  }

  /** The log as it is read for an entry: the first time ahead of it. For one thread. */
  final class Ahead implements Supplier<View>, AutoCloseable {
    private final SoundEntries sound;
    private final ExecutorService reader = StoreThreads.atMost(1, "tip");
    private Optional<Future<View>> first;

    private Ahead(SoundEntries sound) {
      this.sound = sound;
      this.first = Optional.of(reader.submit(() -> readForWriting(sound)));
    }

    @Override
    public View get() {
      Optional<Future<View>> begun = first;
      first = Optional.empty();
      return begun.map(Waits::get).orElseGet(() -> readForWriting(sound));
    }

    @Override
    public void close() {
      reader.close();
    }
  }

  /** Makes an entry out of the log that it is to follow. */
  interface Draft {
    Optional<LogRecord> make(View view);
  }

  /** Decides whether an entry may still be appended. */
  interface Guard {
    void check(View view);
  }
}
