package io.lifeboat.repository;

import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the bytes that are read of each pack. */
final class CountingStore extends ForwardingStore {
  private final Map<String, Long> read = new ConcurrentHashMap<>();

  CountingStore(ObjectStore store) {
    super(store);
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return count(name, super.get(name, mostBytes));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    return count(name, super.getRange(name, offsetBytes, lengthBytes));
  }

  private byte[] count(String name, byte[] bytes) {
    if (name.startsWith(Names.PACKS)) {
      read.merge(name, (long) bytes.length, Long::sum);
    }
    return bytes;
  }

  /** The most of any pack. */
  long mostOfAPack() {
    return read.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  long bytesOf(String pack) {
    return read.getOrDefault(pack, 0L);
  }
}
