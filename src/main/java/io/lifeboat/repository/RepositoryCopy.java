package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.StoreProbe;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings a repository's objects to a second store as they are: no key is needed, nothing is opened,
 * nothing that is there is touched.
 *
 * <p>The log's length is read first, then everything else is copied, and the entries up to that
 * length last and in order, but a first copy's entry 0 behind all others: without it there is no
 * log. So a first copy lists nothing before it is whole; a later one that was stopped lists what it
 * did before, and perhaps newer snapshots, of which those that were forgotten or repacked in the
 * original may be whole only when it has been finished. What a prune of the original has swept is
 * not brought along.
 *
 * <p>A copy that begins here is marked as one: a log may only be continued in one place. {@link
 * #promote} takes the mark away.
 */
public final class RepositoryCopy {
  private static final int PARALLEL = 8;
  private static final int ROUNDS = 5;
  private static final String MARK =
      """
      This is a copy of a Lifeboat repository. Its log is continued at the original, so this one is
      only read, by restores and verifications; `lifeboat copy` brings what is new. If the original is
      lost for good, `lifeboat copy --promote --yes --to STORE` removes this object, and the copy is a
      repository of its own from then on.
      """;

  private final ObjectStore from;
  private final ObjectStore to;
  private final SecureRandom random;
  private final Clock clock;
  private final Set<String> problems = Collections.synchronizedSet(new TreeSet<>());
  private final AtomicLong copied = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private boolean formatThere;

  /** A copy between two stores. */
  public RepositoryCopy(ObjectStore from, ObjectStore to, SecureRandom random, Clock clock) {
    this.from = from;
    this.to = to;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Says what a store holds, if that is a first copy which did not end: it has the mark, and no
   * beginning of the log.
   */
  public static Optional<String> unfinished(ObjectStore store) {
    if (store.head(Names.COPY_MARK).isEmpty() || store.head(Names.log(0)).isPresent()) {
      return Optional.empty();
    }
    String original =
        store.head(Names.FORMAT).isEmpty()
            ? "a repository"
            : "repository "
                + FormatDocument.parseByItself(store.get(Names.FORMAT, ObjectLimits.SIGNED_BYTES))
                    .repository();
    return Optional.of(unfinished(store.describe(), original));
  }

  static String unfinished(String place, String original) {
    return "At "
        + place
        + " is an unfinished copy of "
        + original
        + ": "
        + Names.log(0)
        + " comes last, and is not there yet, so it shows no snapshots";
  }

  /**
   * Makes a copy a repository of its own, to be written to from here on.
   *
   * @throws PermanentException with code {@code REPOSITORY_MISSING} if there is no copy, or one
   *     that was not finished
   */
  public static void promote(ObjectStore copy) {
    unfinished(copy)
        .ifPresent(what -> {
          throw new PermanentException(
              ErrorCode.REPOSITORY_MISSING,
              what,
              "It cannot stand for the original. " + Hints.FINISH_COPY);
        });
    if (copy.head(Names.COPY_MARK).isEmpty()) {
      throw new PermanentException(
          ErrorCode.REPOSITORY_MISSING,
          "There is no copy at " + copy.describe() + ": it lacks " + Names.COPY_MARK,
          "If a repository is there, it can be used as it is; else check the place.");
    }
    copy.delete(Names.COPY_MARK);
    if (copy.head(Names.COPY_MARK).isPresent()) {
      throw new PermanentException(
          ErrorCode.STORE_DENIED,
          Names.COPY_MARK + " is still there at " + copy.describe(),
          "Remove that object with the rights of the bucket's owner.");
    }
  }

  /** Copies, and removes nothing. */
  public CopyReport run(Progress progress) {
    return run(Optional.empty(), progress);
  }

  /**
   * Copies what the second store lacks; goes on where an earlier run was stopped.
   *
   * @param removeSweptAfter removes from the copy what the original's prune has swept, if the entry
   *     that says so has been in the copy for so long
   * @throws PermanentException with codes {@code REPOSITORY_MISSING}, {@code REPOSITORY_EXISTS} if
   *     another repository is there, {@code STORE_UNSAFE}, {@code LOG_BROKEN} if the copy's log is
   *     not the beginning of this one
   */
  public CopyReport run(Optional<Duration> removeSweptAfter, Progress progress) {
    progress.phase("copy");
    VerifyKey admin = begin();
    CommitLog original = new CommitLog(from, admin, clock);
    Round round = new Round(original, progress);
    for (int n = 1; !round.run() && n < ROUNDS; n++) {
      // Something was removed meanwhile: the log says by now that nobody needs it.
      round = new Round(original, progress);
    }
    round.lost().ifPresent(problems::add);
    // Where something is left out, what is swept may be all that there is of it.
    CopyReport.Swept swept = round.swept();
    if (problems.isEmpty() && removeSweptAfter.isPresent()) {
      swept =
          new CopySweep(to, new CommitLog(to, admin, clock), random)
              .run(removeSweptAfter.get(), problems::add, progress);
    }
    return new CopyReport(
        round.objects, copied.get(), bytes.get(), round.skipped, swept, List.copyOf(problems));
  }

  private VerifyKey begin() {
    byte[] format =
        from.head(Names.FORMAT)
            .map(this::read)
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.REPOSITORY_MISSING,
                    "There is no repository at " + from.describe() + ": it has no object format",
                    "Name the store that holds the repository to copy."));
    formatThere = to.head(Names.FORMAT).isPresent();
    if (!formatThere) {
      new StoreProbe(random).requireConditionalPut(to);
      // Before anything that would make it a repository.
      to.putIfAbsent(Names.COPY_MARK, new Body.Bytes(MARK.getBytes(StandardCharsets.US_ASCII)));
      if (to.putIfAbsent(Names.FORMAT, new Body.Bytes(format)) == PutOutcome.CREATED) {
        copied.incrementAndGet();
        bytes.addAndGet(format.length);
      }
    }
    if (!Arrays.equals(to.get(Names.FORMAT, ObjectLimits.SIGNED_BYTES), format)) {
      throw new PermanentException(
          ErrorCode.REPOSITORY_EXISTS,
          "The object format at " + to.describe() + " is another repository's",
          "Choose another prefix or folder. Nothing was written there.");
    }
    return VerifyKey.parse(FormatDocument.parseByItself(format).admin());
  }

  /** An object as long as it should be: what was cut short would stay so in the copy. */
  private byte[] read(ObjectInfo object) {
    byte[] all = from.get(object.name(), ObjectLimits.of(object));
    if (all.length != object.sizeBytes()) {
      throw new TransientException(
          ErrorCode.STORE_UNREACHABLE,
          object.name()
              + " at "
              + from.describe()
              + " came with "
              + all.length
              + " bytes instead of "
              + object.sizeBytes(),
          "It was not copied. Check the network and the disk of the store, then start again.");
    }
    return all;
  }

  /** One pass: everything that was there when it began. */
  private final class Round {
    private final CommitLog original;
    private final Progress progress;
    private final Set<String> vanished = ConcurrentHashMap.newKeySet();
    private final List<ObjectInfo> swept = new ArrayList<>();
    private long objects;
    private long skipped;

    Round(CommitLog original, Progress progress) {
      this.original = original;
      this.progress = progress;
    }

    /** What the copy has that is swept. */
    CopyReport.Swept swept() {
      long sweptBytes = swept.stream().mapToLong(ObjectInfo::sizeBytes).sum();
      return new CopyReport.Swept(swept.size(), sweptBytes, 0, 0, List.of());
    }

    /** What stands in the way of the log, if something does. */
    Optional<String> lost() {
      return vanished.stream()
          .sorted()
          .findFirst()
          .map(name ->
              name
                  + ": it is listed at "
                  + from.describe()
                  + " and missing, like "
                  + (vanished.size() - 1)
                  + " others; so the log was not brought up to date");
    }

    /** Answers whether all that it saw is in the copy. */
    boolean run() {
      // Read before its length is taken: what these entries sweep, no snapshot up to there needs.
      CommitLog.View log = original.read();
      PackFates fates = PackFates.of(log);
      Set<LogRecord.Voided> voided = log.all(LogRecord.Voided.class).collect(Collectors.toSet());
      List<ObjectInfo> entries = entries(from, false);
      int present = entries(to, true).size();
      requireSameLog(entries.size(), present);
      Map<String, Long> there = new HashMap<>();
      try (Stream<ObjectInfo> all = to.list("")) {
        all.forEach(object -> {
          there.put(object.name(), object.sizeBytes());
          if (isSwept(object, fates)) {
            swept.add(object);
          }
        });
      }
      List<ObjectInfo> missing = new ArrayList<>();
      objects = 1L + entries.size();
      skipped = present + (formatThere ? 1L : 0L);
      try (Stream<ObjectInfo> all = from.list("")) {
        all.filter(object -> !isOrdered(object.name()))
            .filter(object -> !isSwept(object, fates))
            .forEach(object -> {
              objects++;
              Long size = there.get(object.name());
              if (size == null) {
                missing.add(object);
              } else if (size == object.sizeBytes()) {
                skipped++;
              } else {
                problems.add(
                    object.name()
                        + ": the copy has "
                        + size
                        + " bytes of it instead of "
                        + object.sizeBytes());
              }
            });
      }
      progress.expect(missing.stream().mapToLong(ObjectInfo::sizeBytes).sum());
      new BoundedWork(PARALLEL).each(missing, "copy", this::copy);
      if (vanished.isEmpty()) {
        copyLog(present, entries, voided);
      }
      return vanished.isEmpty();
    }

    private void copy(ObjectInfo object) {
      progress.checkCancelled();
      String name = object.name();
      byte[] all;
      try {
        all = read(object);
      } catch (LifeboatException e) {
        if (e.code() == ErrorCode.OBJECT_MISSING) {
          vanished.add(name);
        } else if (e.code() == ErrorCode.OBJECT_DAMAGED) {
          problems.add(e.getMessage() + "; it was not copied");
        } else {
          throw e;
        }
        return;
      }
      boolean named = name.startsWith(Names.PACKS) || name.startsWith(Names.INDEX);
      if (named && !name.endsWith("/" + Hashes.sha256Hex(all))) {
        problems.add(name + ": its bytes do not match its name; it was not copied");
        return;
      }
      put(name, all);
      progress.advance(all.length, 1);
    }

    private void put(String name, byte[] all) {
      if (to.putIfAbsent(name, new Body.Bytes(all)) == PutOutcome.CREATED) {
        copied.incrementAndGet();
        bytes.addAndGet(all.length);
      }
    }

    /**
     * Entries from the first that the copy lacks. A damaged one ends it, as it would stay; a first
     * copy has no beginning then, as it would list what later entries forget and sweep.
     */
    private void copyLog(int first, List<ObjectInfo> entries, Set<LogRecord.Voided> voided) {
      Optional<byte[]> beginning = Optional.empty();
      byte[] next = first < entries.size() ? read(entries.get(first)) : new byte[0];
      for (int n = first; n < entries.size(); n++) {
        progress.checkCancelled();
        byte[] entry = next;
        next = n + 1 < entries.size() ? read(entries.get(n + 1)) : new byte[0];
        boolean last = n + 1 == entries.size();
        boolean isVoid =
            !last && voided.contains(new LogRecord.Voided(n + 1L, Hashes.sha256Hex(next)));
        if (!last && !isVoid && !follows(next, entry)) {
          problems.add(
              Names.log(n)
                  + ": "
                  + Names.log(n + 1)
                  + " does not follow it, one of them was changed; neither was copied"
                  + (first == 0 ? ", and the copy shows no snapshots before that is mended" : ""));
          return;
        }
        if (n == 0) {
          beginning = Optional.of(entry);
        } else {
          putEntry(n, entry);
        }
      }
      beginning.ifPresent(entry -> putEntry(0, entry));
    }

    private void putEntry(int n, byte[] entry) {
      put(Names.log(n), entry);
      if (!Arrays.equals(entry(to, n), entry)) {
        throw otherLog(n);
      }
    }
  }

  private static boolean isSwept(ObjectInfo object, PackFates fates) {
    return PackRef.of(object).filter(pack -> fates.isSwept(pack.id())).isPresent();
  }

  private static boolean isOrdered(String name) {
    return name.equals(Names.FORMAT) || name.startsWith(Names.LOG) || name.startsWith(Names.PROBE);
  }

  /**
   * The entries before the first that is missing.
   *
   * @param mayBeUnfinished whether entry 0 may come after the others
   */
  private List<ObjectInfo> entries(ObjectStore store, boolean mayBeUnfinished) {
    Map<String, ObjectInfo> all = new HashMap<>();
    try (Stream<ObjectInfo> objects = store.list(Names.LOG)) {
      objects
          .filter(object -> Names.isLogEntry(object.name()))
          .forEach(object -> all.put(object.name(), object));
    }
    List<ObjectInfo> entries = new ArrayList<>();
    while (all.containsKey(Names.log(entries.size()))) {
      entries.add(all.get(Names.log(entries.size())));
    }
    boolean isUnfinished = mayBeUnfinished && entries.isEmpty();
    if (entries.size() < all.size() && !isUnfinished) {
      problems.add(
          Names.log(entries.size())
              + ": it is missing at "
              + store.describe()
              + ", and entries after it are there");
    }
    return entries;
  }

  private static byte[] entry(ObjectStore store, long n) {
    return store.get(Names.log(n), ObjectLimits.SIGNED_BYTES);
  }

  private void requireSameLog(long entries, long present) {
    if (present > entries) {
      throw otherLog(entries);
    }
    if (present > 0) {
      // Each entry names the hash of the one before: the last tells of all.
      if (!Arrays.equals(entry(from, present - 1), entry(to, present - 1))) {
        throw otherLog(present - 1);
      }
    }
  }

  private PermanentException otherLog(long entry) {
    return new PermanentException(
        ErrorCode.LOG_BROKEN,
        Names.log(entry)
            + " at "
            + to.describe()
            + " is not an entry of the log at "
            + from.describe(),
        "One of the two was rolled back, or somebody wrote to the copy. Find out which one is right"
            + " before anything is copied; until then both are kept as they are.");
  }

  /** Whether an entry names these bytes as the one before; what is not an entry names nothing. */
  private static boolean follows(byte[] next, byte[] entry) {
    try {
      LogEntry after = Json.read(SignedText.parse(next).payload(), LogEntry.class, Names.LOG);
      return after.previous().equals(Hashes.sha256Hex(entry)) || isNamed(next, entry);
    } catch (LifeboatException e) {
      // It is judged, and named, as the entry that it should be.
      return true;
    }
  }

  /** Whether an entry stands for a lost one and names the next. */
  private static boolean isNamed(byte[] next, byte[] entry) {
    LogEntry before = Json.read(SignedText.parse(entry).payload(), LogEntry.class, Names.LOG);
    return before.body() instanceof LogRecord.Repaired repaired
        && repaired.next().equals(Hashes.sha256Hex(next));
  }
}
