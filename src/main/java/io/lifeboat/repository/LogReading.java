package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** One pass over a log: which keys count, and the chain so far. For one thread. */
final class LogReading {
  private final VerifyKey admin;
  private final Signatures signatures;
  private final Map<String, VerifyKey> keys = new HashMap<>();
  private final Map<String, Set<Role>> writers = new HashMap<>();
  private final List<LogEntry> entries = new ArrayList<>();
  private final Set<String> snapshots = new HashSet<>();
  private final List<String> problems = new ArrayList<>();
  private final SortedMap<Long, CommitLog.Refused> refused = new TreeMap<>();
  private Optional<String> needed = Optional.empty();
  private long next;
  private String tip = CommitLog.NO_PREVIOUS;
  private boolean gap;
  private boolean copy;
  private boolean lastRefused;

  /** Where the part without a gap ends, if there is one. */
  private long end;

  private String endTip = CommitLog.NO_PREVIOUS;

  /** The hash of the next entry, where the one before it stands for a lost one. */
  private String pinned = "";

  /** Begins a pass over a log whose first known key is this one. */
  LogReading(VerifyKey admin, Signatures signatures) {
    this.admin = admin;
    this.signatures = signatures;
    keys.put(admin.id(), admin);
  }

  /** Verifies signatures, or knows that they hold. */
  interface Signatures {
    /**
     * Whether a key signed a text.
     *
     * @param sha256 of the object that the text is
     */
    boolean hold(SignedText.Parsed text, VerifyKey key, String sha256);
  }

  /** The number of the object that comes next. */
  long next() {
    return next;
  }

  /** The log is marked as a copy's. */
  void isCopy() {
    copy = true;
  }

  /** The object with the next number; answers whether it is a sound entry. */
  boolean add(byte[] object) {
    String name = Names.log(next);
    String hash = Hashes.sha256Hex(object);
    needed = Optional.empty();
    try {
      LogEntry entry = accept(object, hash, name);
      lastRefused = false;
      if (!(entry.body() instanceof LogRecord.Snapshot snapshot)
          || snapshots.add(snapshot.snapshot())) {
        entries.add(entry); // of two snapshots with one id the first holds
      }
      pinned = "";
      admit(entry.body());
    } catch (LifeboatException e) {
      lastRefused = true;
      pinned = "";
      String why = String.valueOf(e.getMessage());
      problems.add(why);
      refused.put(next, new CommitLog.Refused(next, hash, why, needed));
    }
    next++;
    tip = hash;
    return !lastRefused;
  }

  /** The entry that is read now was written when something else was in the places before it. */
  private void witnessed() {
    for (long n = next - 1; refused.containsKey(n); n--) {
      CommitLog.Refused before = refused.get(n);
      var replaced =
          Optional.of(Names.log(next) + " was written when there was another object in its place");
      refused.put(n, new CommitLog.Refused(n, before.sha256(), before.why(), replaced));
    }
  }

  private void settle(LogRecord.Voided voided) {
    CommitLog.Refused before = refused.get(voided.entry());
    if (before != null && before.sha256().equals(voided.sha256())) {
      refused.remove(voided.entry());
      problems.remove(before.why());
    }
  }

  /** Takes note of who may write from here on. */
  private void admit(LogRecord body) {
    if (body instanceof LogRecord.Writer writer) {
      VerifyKey key = VerifyKey.parse(writer.key());
      if (!key.equals(admin)) {
        keys.put(key.id(), key);
        writers.put(key.id(), writer.roles());
      }
    } else if (body instanceof LogRecord.WriterRemoved removed) {
      writers.remove(removed.writer());
    } else if (body instanceof LogRecord.Repaired repaired) {
      repaired.writers().forEach(writer -> register(writer, repaired.roles()));
      pinned = repaired.next();
    } else if (body instanceof LogRecord.Voided voided) {
      settle(voided);
    }
  }

  /** An object that is too long to be an entry: it has a number, and nothing can follow it. */
  void refuse(String name, long sizeBytes) {
    problems.add(tooLong(name, sizeBytes));
    next++;
    stopAt(next);
  }

  /** What is wrong with an object that is too long to be an entry. */
  static String tooLong(String name, long sizeBytes) {
    return name
        + ": it has "
        + sizeBytes
        + " bytes, more than any entry, so it is none of ours: remove this object, and all versions"
        + " of it; if an entry was in its place, put that back from a copy";
  }

  /** Goes on behind missing entries. Nothing hides those that are there: each is sound or not. */
  void skipTo(long number) {
    if (number != next) {
      problems.add(
          Names.log(next)
              + ": it is missing, and "
              + Names.log(number)
              + " is the next one that is there");
      stopAt(next);
      next = number;
    }
  }

  /** Nothing can follow from here on, and what follows is not to be held against what is lost. */
  private void stopAt(long number) {
    if (!gap) {
      gap = true;
      end = number;
      endTip = tip;
    }
    lastRefused = true;
    pinned = "";
  }

  /** What an entry before says of a writer holds: a repair does not widen what a key may do. */
  private void register(String writer, Set<Role> roles) {
    VerifyKey key = VerifyKey.parse(writer);
    if (keys.putIfAbsent(key.id(), key) == null) {
      writers.put(key.id(), roles);
    }
  }

  private LogEntry accept(byte[] object, String hash, String name) {
    SignedText.Parsed text = Failures.naming(name, () -> SignedText.parse(object));
    VerifyKey key = keys.get(text.keyId());
    if (key == null || !signatures.hold(text, key, hash)) {
      throw bad(name, "its signature is not by a registered writer, or it was changed");
    }
    needed = Optional.of("a writer of ours signed it; a newer version of Lifeboat may know it");
    LogEntry entry = Json.read(text.payload(), LogEntry.class, name);
    needed = Optional.empty();
    if (entry.n() != next || !entry.writer().equals(key.id())) {
      throw bad(name, "it says it is entry " + entry.n() + " by " + entry.writer());
    }
    if (!pinned.isEmpty()) {
      if (!hash.equals(pinned)) {
        needed = Optional.of("it is a writer's, and another one belongs there");
        throw bad(name, "it is not the entry that the repaired one before it names");
      }
    } else if (!entry.previous().equals(tip)) {
      String why = "it does not follow the entry before it, which was changed or replaced";
      if (!lastRefused) {
        needed = Optional.of("it is a writer's, and another one belongs before it");
        throw bad(name, why);
      }
      witnessed();
      // The entry before it was refused by itself: this one is sound, and must not be lost with
      // it.
      problems.add(name + ": " + why);
    }
    if (!key.equals(admin)) {
      Set<Role> roles = writers.get(key.id());
      if (roles == null) {
        throw bad(name, "its writer " + key.id() + " was removed by an entry before it");
      }
      if (!CommitLog.permits(roles, entry.body())) {
        throw bad(
            name,
            entry
                .body()
                .role()
                .map(role -> "only a key with the role " + role + " may sign such an entry")
                .orElse("only the admin key may sign such an entry"));
      }
    }
    return entry;
  }

  private PermanentException bad(String name, String why) {
    return new PermanentException(ErrorCode.LOG_BROKEN, name + ": " + why, Hints.VERIFY);
  }

  /** What was read. */
  CommitLog.View view() {
    return new CommitLog.View(
        entries,
        problems,
        List.copyOf(refused.values()),
        writers,
        gap ? end : next,
        gap ? endTip : tip,
        gap,
        copy);
  }
}
