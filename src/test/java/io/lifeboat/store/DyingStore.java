package io.lifeboat.store;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A store that is gone from a certain put on until it is {@linkplain #revive revived}: to whoever
 * uses it, as if the process had been killed there. Thread-safe.
 */
public final class DyingStore implements ObjectStore {
  private final ObjectStore store;
  private final AtomicInteger putsLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile boolean dead;
  private volatile boolean lastPutTakesEffect;

  public DyingStore(ObjectStore store) {
    this.store = store;
  }

  /** Dies at the {@code put}th put from now on, the first being 1, before or after its effect. */
  public void dieAt(int put, boolean afterItsEffect) {
    putsLeft.set(put);
    lastPutTakesEffect = afterItsEffect;
  }

  /** Answers again. */
  public void revive() {
    putsLeft.set(Integer.MAX_VALUE);
    dead = false;
  }

  /** Whether it has died. */
  public boolean isDead() {
    return dead;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    int left = putsLeft.getAndDecrement();
    if (left == 1) {
      if (lastPutTakesEffect) {
        store.putIfAbsent(name, body);
      }
      dead = true;
    }
    if (left <= 1) {
      throw gone();
    }
    return store.putIfAbsent(name, body);
  }

  private static TransientException gone() {
    return new TransientException(ErrorCode.STORE_UNREACHABLE, "Injected: gone", "Revive it.");
  }

  private void requireAlive() {
    if (dead) {
      throw gone();
    }
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    requireAlive();
    return store.get(name, mostBytes);
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    requireAlive();
    return store.getRange(name, offsetBytes, lengthBytes);
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    requireAlive();
    return store.head(name);
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    requireAlive();
    return store.list(prefix);
  }

  @Override
  public void delete(String name) {
    requireAlive();
    store.delete(name);
  }

  @Override
  public String describe() {
    return "dying " + store.describe();
  }

  @Override
  public void close() {
    store.close();
  }
}
