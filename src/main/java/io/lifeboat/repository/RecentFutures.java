package io.lifeboat.repository;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The answers to recent questions, up to a number of bytes; the least recently asked go first.
 * Whoever holds a future keeps its bytes, so the bound is on what is kept beyond use. Thread-safe.
 */
final class RecentFutures<K> {
  private final long budgetBytes;
  private final Map<K, CompletableFuture<byte[]>> recent = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<K, Integer> weights = new HashMap<>();
  private long heldBytes;

  RecentFutures(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /**
   * The answer, asked for only if it is not held.
   *
   * @param weightBytes how long the answer will be
   */
  synchronized CompletableFuture<byte[]> get(
      K key, int weightBytes, Function<K, CompletableFuture<byte[]>> ask) {
    CompletableFuture<byte[]> known = recent.get(key);
    if (known != null) {
      return known;
    }
    CompletableFuture<byte[]> asked = ask.apply(key);
    recent.put(key, asked);
    weights.put(key, weightBytes);
    heldBytes += weightBytes;
    evict(key);
    return asked;
  }

  private void evict(K newest) {
    var eldest = recent.entrySet().iterator();
    while (heldBytes > budgetBytes && eldest.hasNext()) {
      K key = eldest.next().getKey();
      if (!key.equals(newest)) {
        eldest.remove();
        Integer weight = weights.remove(key);
        heldBytes -= weight == null ? 0 : weight;
      }
    }
  }
}
