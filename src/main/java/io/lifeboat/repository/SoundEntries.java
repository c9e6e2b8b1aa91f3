package io.lifeboat.repository;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The entries of a log as a run has read them and found them sound. They never change, so who looks
 * at the log again to append to it reads only those that came later, and the newest one anew: the
 * chain of hashes makes it stand for all before it. Of a long log the first ones are kept.
 * Thread-safe.
 */
final class SoundEntries {
  private static final long MOST_BYTES = 8 << 20;

  private final Map<Integer, byte[]> entries = new HashMap<>();
  private int length;
  private long bytes;

  /** How many entries the log had, sound or not. */
  synchronized int length() {
    return length;
  }

  /** An entry was read. */
  synchronized void note(int number, byte[] entry, boolean isSound) {
    length = Math.max(length, number + 1);
    if (isSound && !entries.containsKey(number) && bytes + entry.length <= MOST_BYTES) {
      entries.put(number, entry);
      bytes += entry.length;
    }
  }

  /** An entry that need not be read, if the store lists it with as many bytes as it had. */
  synchronized Optional<byte[]> get(int number, long sizeBytes) {
    return number < length - 1
        ? Optional.ofNullable(entries.get(number)).filter(entry -> entry.length == sizeBytes)
        : Optional.empty();
  }
}
