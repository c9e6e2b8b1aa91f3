package io.lifeboat.store.probe;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** What the port promises, of whatever kind the store is: the promises that Lifeboat stands on. */
public final class ContractExamination implements Examination {
  /** Of this capability other examinations speak too. */
  public static final String CONDITIONAL_PUT = "conditional put";

  private static final int RACERS = 8;
  private static final int LISTED = 12;
  private static final int ROUNDS = 5;
  private static final int SMALL_BYTES = 4096;

  @Override
  public List<Capability> run(ObjectStore store, Traces traces) {
    return List.of(
        conditionalPut(store, traces),
        parallelPuts(store, traces),
        readAfterWrite(store, traces),
        ranges(store, traces),
        listing(store, traces),
        latency(store, traces));
  }

  private static Capability conditionalPut(ObjectStore store, Traces traces) {
    String name = traces.name("twice");
    PutOutcome first = store.putIfAbsent(name, body("first"));
    PutOutcome second = store.putIfAbsent(name, body("second"));
    boolean kept = Arrays.equals(store.get(name, SMALL_BYTES), bytes("first"));
    boolean holds = first == PutOutcome.CREATED && second == PutOutcome.EXISTS && kept;
    return Capability.required(
        CONDITIONAL_PUT,
        holds,
        holds
            ? "An object that is there is never overwritten by a backup."
            : "A second put of one name was answered "
                + second
                + " and the first one's bytes "
                + (kept ? "stayed" : "were lost")
                + ": two writers would destroy each other's backups.");
  }

  private static Capability parallelPuts(ObjectStore store, Traces traces) {
    String name = traces.name("race");
    List<Callable<PutOutcome>> racers = new ArrayList<>();
    for (int i = 0; i < RACERS; i++) {
      Body body = body("racer " + i);
      racers.add(() -> store.putIfAbsent(name, body));
    }
    long winners = all(racers).stream().filter(PutOutcome.CREATED::equals).count();
    return Capability.required(
        RACERS + " conditional puts at once",
        winners == 1,
        winners == 1
            ? "Exactly one won, so writers at the same time are put in an order."
            : winners
                + " won: the store checks and writes in two steps, and log entries get lost.");
  }

  private static Capability readAfterWrite(ObjectStore store, Traces traces) {
    int stale = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String name = traces.name("fresh-" + i);
      boolean missed = store.head(name).isPresent();
      store.putIfAbsent(name, body("fresh"));
      missed |= !isRead(store, name) || !isListed(store, name);
      stale += missed ? 1 : 0;
    }
    return Capability.required(
        "read and list after write",
        stale == 0,
        stale == 0
            ? "What was written is read and listed at once (" + ROUNDS + " tries)."
            : stale
                + " of "
                + ROUNDS
                + " objects were not seen right after their writing: a log would be read short.");
  }

  private static boolean isRead(ObjectStore store, String name) {
    try {
      return store.head(name).isPresent()
          && Arrays.equals(store.get(name, SMALL_BYTES), bytes("fresh"));
    } catch (PermanentException e) {
      if (e.code() == ErrorCode.OBJECT_MISSING) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isListed(ObjectStore store, String name) {
    try (Stream<ObjectInfo> found = store.list(name)) {
      return found.anyMatch(object -> object.name().equals(name));
    }
  }

  private static Capability ranges(ObjectStore store, Traces traces) {
    String name = traces.name("ranges");
    store.putIfAbsent(name, body("0123456789"));
    boolean inside = answers(store, name, 3, 4, "3456");
    boolean across = answers(store, name, 8, 100, "89");
    boolean beyond = answers(store, name, 10, 5, "");
    boolean all = inside && across && beyond;
    return Capability.required(
        "range reads",
        all,
        all
            ? "Parts of objects are read, also where a range ends or starts beyond the end."
            : "Wrong bytes for a range "
                + (!inside ? "inside" : !across ? "across the end of" : "beyond the end of")
                + " an object: restores would fail or read too much.");
  }

  private static boolean answers(
      ObjectStore store, String name, long offset, int length, String expected) {
    try {
      return Arrays.equals(store.getRange(name, offset, length), bytes(expected));
    } catch (PermanentException e) {
      if (e.code() == ErrorCode.OBJECT_DAMAGED) {
        // The adapter refuses answers that are longer than the range.
        return false;
      }
      throw e;
    }
  }

  private static Capability listing(ObjectStore store, Traces traces) {
    List<String> names = new ArrayList<>();
    for (int i = LISTED - 1; i >= 0; i--) {
      // Capital letters sort before small ones, and a hyphen before both: by bytes, not by
      // language.
      String letter = i % 2 == 0 ? "A" : "a-b";
      String name = traces.name("list-" + letter + i);
      store.putIfAbsent(name, body("listed"));
      names.add(name);
    }
    names.sort(null);
    List<String> listed;
    try (Stream<ObjectInfo> found = store.list(traces.prefix() + "list-")) {
      listed = found.map(ObjectInfo::name).toList();
    }
    boolean right = listed.equals(names);
    return Capability.required(
        "listing",
        right,
        right
            ? LISTED + " objects were listed, each once and in order."
            : "Of "
                + LISTED
                + " objects "
                + listed.size()
                + " were listed, or not in order: the log's end would be missed.");
  }

  private static Capability latency(ObjectStore store, Traces traces) {
    long[] puts = new long[ROUNDS];
    long[] gets = new long[ROUNDS];
    byte[] small = new byte[SMALL_BYTES];
    for (int i = 0; i < ROUNDS; i++) {
      String name = traces.name("latency-" + i);
      long started = System.nanoTime();
      store.putIfAbsent(name, new Body.Bytes(small));
      long written = System.nanoTime();
      store.get(name, SMALL_BYTES);
      puts[i] = written - started;
      gets[i] = System.nanoTime() - written;
    }
    return Capability.told(
        "small objects",
        true,
        "Median of "
            + ROUNDS
            + ": "
            + millis(puts)
            + " ms to put 4 KiB, "
            + millis(gets)
            + " ms to get them; a backup or a restore waits for a few dozen of these.");
  }

  private static long millis(long[] nanos) {
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[nanos.length / 2]).toMillis();
  }

  private static <T> List<T> all(List<Callable<T>> tasks) {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(tasks.size(), Thread.ofPlatform().daemon().factory())) {
      List<T> answers = new ArrayList<>();
      for (Future<T> answer : threads.invokeAll(tasks)) {
        answers.add(answer.get());
      }
      return answers;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "Interrupted while probing", "Start again.", e);
    } catch (ExecutionException e) {
      throw Optional.ofNullable(e.getCause())
          .filter(LifeboatException.class::isInstance)
          .map(LifeboatException.class::cast)
          .orElseThrow(() -> new IllegalStateException(e.getCause()));
    }
  }

  private static Body body(String text) {
    return new Body.Bytes(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
