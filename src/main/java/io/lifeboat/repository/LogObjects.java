package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a commit log: what a listing knows of is read in parallel, then one by one until
 * there is none, and then those that are listed behind a gap. Thread-safe.
 */
final class LogObjects {
  private static final int PARALLEL_READS = 16;

  private final ObjectStore store;
  private final VerifyKey admin;
  private final Set<Signed> signed = ConcurrentHashMap.newKeySet();

  LogObjects(ObjectStore store, VerifyKey admin) {
    this.store = store;
    this.admin = admin;
  }

  /**
   * Reads all entries but those that were found sound before.
   *
   * @param sound gets those that are found sound now
   */
  CommitLog.View read(SoundEntries sound) {
    var reading = new LogReading(admin, this::isSigned);
    SortedMap<String, Long> listed = new TreeMap<>();
    Optional<ObjectInfo> next;
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "log")) {
      next = readListed(readers, sound, reading, listed);
    }
    while (next.isPresent()) {
      add(reading, next.get().name(), next.get().sizeBytes());
      next = store.head(Names.log(reading.next()));
    }
    listed
        .tailMap(Names.log(reading.next()))
        .forEach((name, sizeBytes) -> {
          reading.skipTo(Names.logNumber(name));
          add(reading, name, sizeBytes);
        });
    return reading.view();
  }

  /**
   * Reads the listed entries up to the first that is missing; answers what lies behind them. That
   * is asked for meanwhile, and where it is known how long the log was, before the listing, as is
   * its newest entry.
   */
  private Optional<ObjectInfo> readListed(
      ExecutorService readers,
      SoundEntries sound,
      LogReading reading,
      SortedMap<String, Long> listed) {
    int expected = sound.length();
    Optional<Future<Optional<ObjectInfo>>> asked = Optional.empty();
    Optional<Future<byte[]>> newest = Optional.empty();
    if (expected > 0) {
      asked = Optional.of(head(readers, expected));
      newest = Optional.of(get(readers, expected - 1));
    }
    list(reading, listed);
    List<Long> sizes = new ArrayList<>();
    while (isReadable(listed.get(Names.log(sizes.size())))) {
      sizes.add(listed.get(Names.log(sizes.size())));
    }
    Future<Optional<ObjectInfo>> behind =
        asked.filter(head -> expected == sizes.size()).orElseGet(() -> head(readers, sizes.size()));
    List<Future<byte[]>> reads = new ArrayList<>();
    for (int n = 0; n < sizes.size(); n++) {
      Optional<byte[]> known = sound.get(n, sizes.get(n));
      if (known.isPresent()) {
        reads.add(CompletableFuture.completedFuture(known.get()));
      } else if (n == expected - 1 && newest.isPresent()) {
        reads.add(newest.get());
      } else {
        reads.add(get(readers, n));
      }
    }
    for (int n = 0; n < reads.size(); n++) {
      byte[] entry = Waits.get(reads.get(n));
      sound.note(n, entry, reading.add(entry));
    }
    return Waits.get(behind);
  }

  private void list(LogReading reading, SortedMap<String, Long> listed) {
    try (Stream<ObjectInfo> objects = store.list(Names.LOG)) {
      objects.forEach(object -> {
        if (Names.isLogEntry(object.name())) {
          listed.put(object.name(), object.sizeBytes());
        } else if (object.name().equals(Names.COPY_MARK)) {
          reading.isCopy();
        }
      });
    }
  }

  private Future<Optional<ObjectInfo>> head(ExecutorService readers, int number) {
    return readers.submit(() -> store.head(Names.log(number)));
  }

  private Future<byte[]> get(ExecutorService readers, int number) {
    return readers.submit(() -> store.get(Names.log(number), ObjectLimits.SIGNED_BYTES));
  }

  private void add(LogReading reading, String name, long sizeBytes) {
    if (isReadable(sizeBytes)) {
      reading.add(store.get(name, ObjectLimits.SIGNED_BYTES));
    } else {
      reading.refuse(name, sizeBytes);
    }
  }

  private static boolean isReadable(@Nullable Long sizeBytes) {
    return sizeBytes != null && sizeBytes <= ObjectLimits.SIGNED_BYTES;
  }

  /** An object as it was stored, and the key whose signature of it holds. */
  private record Signed(VerifyKey key, String sha256) {}

  /** A signature that held once holds: who reads the same bytes again is spared the arithmetic. */
  private boolean isSigned(SignedText.Parsed text, VerifyKey key, String sha256) {
    var known = new Signed(key, sha256);
    if (signed.contains(known)) {
      return true;
    }
    boolean holds = text.verify(LogEntry.PURPOSE, key);
    if (holds) {
      signed.add(known);
    }
    return holds;
  }
}
