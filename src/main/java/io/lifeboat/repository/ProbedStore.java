package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.StoreProbe;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A repository's store that nothing is put into before it was found to honour conditional puts,
 * once in this object's life. It is asked beside whatever goes on; each put waits for the answer. A
 * store that could not be asked is asked again by the next put. Thread-safe.
 */
public final class ProbedStore extends ForwardingStore {
  private final ObjectStore store;
  private final StoreProbe probe;
  private Optional<CompletableFuture<Void>> answer = Optional.empty();

  /** A store that was not asked yet. */
  public ProbedStore(ObjectStore store, StoreProbe probe) {
    super(store);
    this.store = store;
    this.probe = probe;
  }

  /**
   * Asks the store, if that was not done, and does not wait: for whoever is going to put something
   * and has other things to do first.
   */
  public synchronized void ask() {
    if (answer.isEmpty() || answer.get().isCompletedExceptionally()) {
      var asking = new CompletableFuture<Void>();
      answer = Optional.of(asking);
      Thread.ofPlatform().daemon().name("store-probe").start(() -> ask(asking));
    }
  }

  /**
   * Makes sure that the store honours conditional puts; leaves nothing there.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code STORE_UNSAFE} if it does not, or
   *     what kept it from answering
   */
  public void require() {
    try {
      asked().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private synchronized CompletableFuture<Void> asked() {
    ask();
    return answer.orElseThrow();
  }

  private void ask(CompletableFuture<Void> asking) {
    try {
      probe();
      asking.complete(null);
    } catch (Throwable e) {
      asking.completeExceptionally(e);
    }
  }

  private void probe() {
    try {
      // The first entry: every identity that writes may create entries.
      probe.requireConditionalPut(store, Names.log(0));
    } catch (PermanentException e) {
      if (e.code() != ErrorCode.OBJECT_MISSING) {
        throw e;
      }
      // It was lost: the question must not keep anybody from mending that.
      probe.requireConditionalPut(store);
    }
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    require();
    return super.putIfAbsent(name, body);
  }
}
