package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.ObjectRetention;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Keeps objects locked for as long as a snapshot needs them. A lock is set when an object is
 * written, and ends; what a later snapshot still refers to must be locked on, by the maintenance
 * identity and before the lock ends.
 *
 * <p>Only what is <em>due</em> is extended, because each extension is a request: an object that is
 * needed beyond the end of its lock, when that end is near. A lock that had ended already, or never
 * was there, is put back and reported as <em>late</em>: in the meantime the object could have been
 * removed. Running it again is harmless.
 */
public final class RetentionExtension {
  private static final int PARALLEL_REQUESTS = 16;

  private final ObjectRetention retention;
  private final Clock clock;
  private final Duration ahead;

  /**
   * An extension.
   *
   * @param ahead how long before its end a lock is extended: several times the interval between two
   *     runs, so that one missed run makes none late
   */
  public RetentionExtension(ObjectRetention retention, Clock clock, Duration ahead) {
    this.retention = retention;
    this.clock = clock;
    this.ahead = ahead;
  }

  /** What became of one object. */
  public sealed interface Outcome {
    /** The object's name. */
    String name();

    /** Locked for long enough, or for now. */
    record Enough(String name, Instant lockedUntil) implements Outcome {}

    /** Was locked all the time, and is now for longer. */
    record Extended(String name, Instant lockedUntil) implements Outcome {}

    /**
     * Was not locked for a while, and is again.
     *
     * @param since when its lock had ended; empty if it never had one
     */
    record Late(String name, Optional<Instant> since, Instant lockedUntil) implements Outcome {}

    /** Could not be locked, or is not there. */
    record Failed(String name, LifeboatException reason) implements Outcome {}
  }

  /**
   * What a run found and did.
   *
   * @param outcomes one for each object that was asked for, by name
   */
  public record Report(List<Outcome> outcomes) {
    public Report {
      outcomes = List.copyOf(outcomes);
    }

    /** How many locks were made longer, the late ones counted. */
    public long extended() {
      return outcomes.stream()
          .filter(o -> o instanceof Outcome.Extended || o instanceof Outcome.Late)
          .count();
    }

    /**
     * A sentence for each object that was not locked when it should have been, or is not now: empty
     * if all is well. Somebody has to be told.
     */
    public List<String> alarms() {
      List<String> alarms = new ArrayList<>();
      for (Outcome outcome : outcomes) {
        switch (outcome) {
          case Outcome.Enough enough -> {}
          case Outcome.Extended extended -> {}
          case Outcome.Late late ->
              alarms.add(
                  late.name()
                      + late.since()
                          .map(since -> " was not locked since " + since)
                          .orElse(" was never locked")
                      + "; it is again, until "
                      + late.lockedUntil());
          case Outcome.Failed failed ->
              alarms.add(
                  failed.name()
                      + " could not be locked: "
                      + failed.reason().code()
                      + ", "
                      + failed.reason().getMessage());
        }
      }
      return alarms;
    }
  }

  /**
   * Extends what is due. One object that fails does not keep others from being locked.
   *
   * @param needed names of objects, and until when the last snapshot that needs each is kept;
   *     objects that are not needed after now are left alone
   */
  public Report run(Map<String, Instant> needed) {
    Instant now = clock.instant();
    List<Outcome> outcomes = new ArrayList<>();
    try (ExecutorService requests = StoreThreads.atMost(PARALLEL_REQUESTS, "retention")) {
      List<Future<Outcome>> running = new ArrayList<>();
      new TreeMap<>(needed)
          .forEach((name, until) -> {
            if (until.isAfter(now)) {
              running.add(requests.submit(() -> tend(name, until, now)));
            }
          });
      running.forEach(outcome -> outcomes.add(Waits.get(outcome)));
    }
    return new Report(outcomes);
  }

  private Outcome tend(String name, Instant until, Instant now) {
    try {
      Optional<Instant> locked = retention.retainedUntil(name);
      if (locked.isPresent() && isEnough(locked.get(), until, now)) {
        return new Outcome.Enough(name, locked.get());
      }
      retention.extend(name, until);
      return locked.filter(end -> end.isAfter(now)).isPresent()
          ? new Outcome.Extended(name, until)
          : new Outcome.Late(name, locked, until);
    } catch (LifeboatException e) {
      return new Outcome.Failed(name, e);
    }
  }

  /** Whether a lock reaches as far as needed, or so far that a later run is early enough. */
  private boolean isEnough(Instant locked, Instant until, Instant now) {
    return !locked.isBefore(until) || locked.isAfter(now.plus(ahead));
  }
}
