package io.lifeboat.store;

import java.util.Optional;
import java.util.stream.Stream;

/** Does what another store does; subclasses change one thing of it. */
public class ForwardingStore implements ObjectStore {
  private final ObjectStore store;

  /** In front of this store. */
  public ForwardingStore(ObjectStore store) {
    this.store = store;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    return store.putIfAbsent(name, body);
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
    return store.describe();
  }

  @Override
  public void close() {
    store.close();
  }
}
