package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first entries of a log as a run has read them and found them sound. They never change, so who
 * looks at the log again to append to it reads only those that came later. Of a long log the first
 * ones are kept. Thread-safe.
 */
final class SoundEntries {
  private static final long MOST_BYTES = 8 << 20;

  private final List<byte[]> entries = new ArrayList<>();
  private long bytes;

  /** How many there are: those with the numbers below. */
  synchronized int count() {
    return entries.size();
  }

  /** Keeps an entry if it is the one behind those that are here. */
  synchronized void keep(long number, byte[] entry) {
    if (number == entries.size() && bytes + entry.length <= MOST_BYTES) {
      entries.add(entry);
      bytes += entry.length;
    }
  }

  /** The entry with this number, if it is here and the store lists it with as many bytes. */
  synchronized Optional<byte[]> get(int number, long sizeBytes) {
    return Optional.of(number)
        .filter(n -> n < entries.size())
        .map(entries::get)
        .filter(entry -> entry.length == sizeBytes);
  }
}
