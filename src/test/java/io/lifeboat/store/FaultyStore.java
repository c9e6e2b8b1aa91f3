package io.lifeboat.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Puts faults between a store and its user: each waits in the queue of its method until a call
 * meets it. End a test with {@link #verifyAllFaultsExercised}, or it may have tested nothing. After
 * kopia's faulty storage. Thread-safe.
 */
public final class FaultyStore implements ObjectStore {
  /** The methods that can fail. */
  public enum Method {
    /** {@link ObjectStore#putIfAbsent}. */
    PUT,
    /** {@link ObjectStore#get} and {@link ObjectStore#getRange}. */
    GET,
    /** {@link ObjectStore#head}. */
    HEAD,
    /** {@link ObjectStore#list}. */
    LIST,
    /** {@link ObjectStore#delete}. */
    DELETE
  }

  /** What happens to one call. */
  public sealed interface Fault {
    /** Nothing: lets a call pass on the way to a later fault. */
    record Pass() implements Fault {}

    /** The call fails before it does anything. */
    record Fail(RuntimeException error) implements Fault {}

    /** The call takes effect, and then its answer is lost. */
    record TimeOutAfterSuccess() implements Fault {}

    /** A read answers only so many of the bytes. */
    record Truncate(int keptBytes) implements Fault {}

    /** A read answers with one bit wrong. */
    record FlipBit(int atByte) implements Fault {}

    /** The server is away for a moment. */
    static Fault unreachable() {
      return new Fail(
          new TransientException(
              ErrorCode.STORE_UNREACHABLE, "Injected: unreachable", "Try again."));
    }

    /** There is no space left. */
    static Fault full() {
      return new Fail(new PermanentException(ErrorCode.DISK_FULL, "Injected: full", "Make space."));
    }
  }

  private final ObjectStore store;
  private final Map<Method, Queue<Fault>> faults = new EnumMap<>(Method.class);

  /** Decorates a store. */
  public FaultyStore(ObjectStore store) {
    this.store = store;
    for (Method method : Method.values()) {
      faults.put(method, new ConcurrentLinkedQueue<>());
    }
  }

  /** The next calls of the method meet these faults, in order. */
  public FaultyStore queue(Method method, Fault... next) {
    faults.get(method).addAll(Arrays.asList(next));
    return this;
  }

  /** Fails if a fault has not happened. */
  public void verifyAllFaultsExercised() {
    assertThat(faults)
        .as("faults that no call met")
        .allSatisfy((method, left) -> assertThat(left).isEmpty());
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    return call(Method.PUT, () -> store.putIfAbsent(name, body));
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return call(Method.GET, () -> store.get(name, mostBytes));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    return call(Method.GET, () -> store.getRange(name, offsetBytes, lengthBytes));
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return call(Method.HEAD, () -> store.head(name));
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    return call(Method.LIST, () -> store.list(prefix));
  }

  @Override
  public void delete(String name) {
    call(
        Method.DELETE,
        () -> {
          store.delete(name);
          return name;
        });
  }

  @Override
  public String describe() {
    return "faulty " + store.describe();
  }

  @Override
  public void close() {
    store.close();
  }

  private <T> T call(Method method, Supplier<T> call) {
    Fault fault = faults.get(method).poll();
    return switch (fault) {
      case null -> call.get();
      case Fault.Pass pass -> call.get();
      case Fault.Fail fail -> throw fail.error();
      case Fault.TimeOutAfterSuccess lost -> {
        T answer = call.get();
        throw new TransientException(
            ErrorCode.STORE_UNREACHABLE,
            "Injected: lost the answer " + answer,
            "Look at what is there.");
      }
      case Fault.Truncate truncate ->
          damaged(call.get(), bytes -> Arrays.copyOf(bytes, truncate.keptBytes()));
      case Fault.FlipBit flip ->
          damaged(
              call.get(),
              bytes -> {
                bytes[flip.atByte()] ^= 1;
                return bytes;
              });
    };
  }

  @SuppressWarnings("unchecked")
  private static <T> T damaged(T answer, UnaryOperator<byte[]> damage) {
    if (answer instanceof byte[] bytes) {
      return (T) damage.apply(bytes.clone());
    }
    throw new AssertionError("Only reads can be damaged, not " + answer);
  }
}
