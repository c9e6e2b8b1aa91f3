package io.lifeboat.repository;

import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** A store that answers as if what is put were there, and keeps it to itself. */
final class DryRunStore extends ForwardingStore {
  private final ConcurrentSkipListMap<String, byte[]> added = new ConcurrentSkipListMap<>();

  DryRunStore(ObjectStore store) {
    super(store);
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    byte[] bytes =
        switch (body) {
          case Body.Bytes memory -> memory.bytes().clone();
          case Body.SpooledFile file -> read(file);
        };
    boolean fresh = super.head(name).isEmpty() && added.putIfAbsent(name, bytes) == null;
    return fresh ? PutOutcome.CREATED : PutOutcome.EXISTS;
  }

  private static byte[] read(Body.SpooledFile file) {
    try {
      return Files.readAllBytes(file.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    byte[] bytes = added.get(name);
    return bytes == null ? super.get(name, mostBytes) : bytes.clone();
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    byte[] bytes = added.get(name);
    if (bytes == null) {
      return super.getRange(name, offsetBytes, lengthBytes);
    }
    int from = (int) Math.min(offsetBytes, bytes.length);
    return Arrays.copyOfRange(bytes, from, from + Math.min(lengthBytes, bytes.length - from));
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    byte[] bytes = added.get(name);
    return bytes == null ? super.head(name) : Optional.of(info(name, bytes));
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    Stream<ObjectInfo> ours =
        added.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(prefix))
            .map(entry -> info(entry.getKey(), entry.getValue()));
    return Stream.concat(super.list(prefix), ours).sorted(Comparator.comparing(ObjectInfo::name));
  }

  /** Not even what was only thought to be there. */
  @Override
  public void delete(String name) {
    throw new UnsupportedOperationException("A dry run deletes nothing");
  }

  @Override
  public void close() {
    // The store belongs to whoever runs this.
  }

  private static ObjectInfo info(String name, byte[] bytes) {
    return new ObjectInfo(name, bytes.length, Instant.EPOCH);
  }
}
