package io.lifeboat.store;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** A store that passes the contract and forgets everything: for tests of what is above the port. */
public final class InMemoryStore implements ObjectStore {
  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  /** A store of its own with the same objects: cheap, as their bytes are never changed in place. */
  public InMemoryStore copy() {
    var copy = new InMemoryStore();
    copy.objects.putAll(objects);
    return copy;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    byte[] bytes = read(body);
    return objects.putIfAbsent(ObjectName.require(name), bytes) == null
        ? PutOutcome.CREATED
        : PutOutcome.EXISTS;
  }

  /** Puts bytes under a name whatever is there, as only damage does. */
  public void overwrite(String name, byte[] bytes) {
    objects.put(ObjectName.require(name), bytes.clone());
  }

  /** Reads a whole object, however long it is. */
  public byte[] get(String name) {
    return get(name, Long.MAX_VALUE);
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    byte[] bytes = objects.get(ObjectName.require(name));
    if (bytes == null) {
      throw new PermanentException(
          ErrorCode.OBJECT_MISSING, "There is no object " + name + " in memory", "Put it first.");
    }
    TooLong.refuse(name, bytes.length, mostBytes);
    return bytes.clone();
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    if (offsetBytes < 0 || lengthBytes < 0) {
      throw new IllegalArgumentException("Not a range: " + offsetBytes + " + " + lengthBytes);
    }
    byte[] bytes = get(name);
    int from = (int) Math.min(offsetBytes, bytes.length);
    return Arrays.copyOfRange(bytes, from, from + Math.min(lengthBytes, bytes.length - from));
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return Optional.ofNullable(objects.get(ObjectName.require(name)))
        .map(bytes -> info(name, bytes));
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    return objects.tailMap(ObjectName.requirePrefix(prefix)).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .map(entry -> info(entry.getKey(), entry.getValue()));
  }

  @Override
  public void delete(String name) {
    objects.remove(ObjectName.require(name));
  }

  @Override
  public String describe() {
    return "memory";
  }

  @Override
  public void close() {}

  private static ObjectInfo info(String name, byte[] bytes) {
    return new ObjectInfo(name, bytes.length, Instant.EPOCH);
  }

  private static byte[] read(Body body) {
    return switch (body) {
      case Body.Bytes bytes -> bytes.bytes().clone();
      case Body.SpooledFile file -> {
        try {
          yield Files.readAllBytes(file.path());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
