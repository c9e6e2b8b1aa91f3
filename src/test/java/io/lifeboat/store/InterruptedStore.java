package io.lifeboat.store;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A store that is interrupted at one call, the n-th of all: for sweeps over every call that a piece
 * of work makes. Thread-safe.
 */
public final class InterruptedStore implements ObjectStore {
  /** What happens at that call. */
  public enum Interruption {
    /** It fails, before it does anything. */
    FAILS,
    /** It takes effect, and its answer is lost. */
    LOSES_ITS_ANSWER,
    /** A read is cut in half; other calls fail. */
    IS_CUT_SHORT,
    /** The process ends before the call: it and every later one fail. */
    CRASHES_BEFORE,
    /** The process ends after the call took effect: it and every later one fail. */
    CRASHES_AFTER
  }

  private final ObjectStore store;
  private final Interruption interruption;
  private final int at;
  private final AtomicInteger calls = new AtomicInteger();

  /**
   * Interrupts a store.
   *
   * @param at the number of the call, from 0; beyond the last one nothing happens
   */
  public InterruptedStore(ObjectStore store, Interruption interruption, int at) {
    this.store = store;
    this.interruption = interruption;
    this.at = at;
  }

  /** How many calls there were. */
  public int calls() {
    return calls.get();
  }

  /** Whether the call that was to be interrupted was made. */
  public boolean wasInterrupted() {
    return calls.get() > at;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    return call(() -> store.putIfAbsent(name, body));
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return read(() -> store.get(name, mostBytes));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    return read(() -> store.getRange(name, offsetBytes, lengthBytes));
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return call(() -> store.head(name));
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    return call(() -> store.list(prefix));
  }

  @Override
  public void delete(String name) {
    call(() -> {
      store.delete(name);
      return name;
    });
  }

  private byte[] read(Supplier<byte[]> call) {
    return interruption == Interruption.IS_CUT_SHORT ? cutShort(call) : call(call);
  }

  private byte[] cutShort(Supplier<byte[]> call) {
    int number = calls.getAndIncrement();
    byte[] whole = call.get();
    return number == at ? Arrays.copyOf(whole, whole.length / 2) : whole;
  }

  private <T> T call(Supplier<T> call) {
    int number = calls.getAndIncrement();
    boolean now = number == at;
    boolean dead = number > at;
    return switch (interruption) {
      case FAILS, IS_CUT_SHORT -> {
        if (now) {
          throw unreachable();
        }
        yield call.get();
      }
      case LOSES_ITS_ANSWER -> {
        T answer = call.get();
        if (now) {
          throw unreachable();
        }
        yield answer;
      }
      case CRASHES_BEFORE -> {
        if (now || dead) {
          throw ended();
        }
        yield call.get();
      }
      case CRASHES_AFTER -> {
        if (dead) {
          throw ended();
        }
        T answer = call.get();
        if (now) {
          throw ended();
        }
        yield answer;
      }
    };
  }

  private static TransientException unreachable() {
    return new TransientException(
        ErrorCode.STORE_UNREACHABLE, "Injected: no answer", "Look at what is there.");
  }

  private static PermanentException ended() {
    return new PermanentException(ErrorCode.CANCELLED, "Injected: the process has ended", "None.");
  }

  /** As the store itself: what a node remembers of it holds for its interrupted self, too. */
  @Override
  public String describe() {
    return store.describe();
  }

  @Override
  public void close() {
    store.close();
  }
}
