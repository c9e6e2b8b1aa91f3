package io.lifeboat.store;

import java.util.Optional;
import java.util.stream.Stream;

/** A store with a broken promise, as some servers have that call themselves compatible with S3. */
public final class LyingStore implements ObjectStore {
  /** What it does wrong. */
  public enum Lie {
    /** Overwrites, and says so. */
    OVERWRITES_OPENLY,
    /** Overwrites, but answers that it did not. */
    OVERWRITES_SECRETLY,
    /** Answers to every put that something was there. */
    ALWAYS_EXISTS
  }

  private final InMemoryStore store = new InMemoryStore();
  private final Lie lie;

  /** A store that tells this lie. */
  public LyingStore(Lie lie) {
    this.lie = lie;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    boolean existed = store.head(name).isPresent();
    store.delete(name);
    store.putIfAbsent(name, body);
    return switch (lie) {
      case OVERWRITES_OPENLY -> PutOutcome.CREATED;
      case OVERWRITES_SECRETLY -> existed ? PutOutcome.EXISTS : PutOutcome.CREATED;
      case ALWAYS_EXISTS -> PutOutcome.EXISTS;
    };
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return store.get(name, mostBytes);
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    return store.getRange(name, offsetBytes, lengthBytes);
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return store.head(name);
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    return store.list(prefix);
  }

  @Override
  public void delete(String name) {
    store.delete(name);
  }

  @Override
  public String describe() {
    return "a store that lies";
  }

  @Override
  public void close() {}
}
