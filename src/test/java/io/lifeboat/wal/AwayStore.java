package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.util.concurrent.CountDownLatch;

/** A store that is away, or takes for ever, while somebody wants it to. */
final class AwayStore extends ForwardingStore {
  private volatile boolean away;
  private volatile CountDownLatch held = new CountDownLatch(0);

  AwayStore(ObjectStore store) {
    super(store);
  }

  void away(boolean now) {
    away = now;
  }

  /** Whoever stores something waits from now on. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void letGo() {
    held.countDown();
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    if (away) {
      throw new TransientException(
          ErrorCode.STORE_UNREACHABLE, "The store is away", "Wait until it is back.");
    }
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException(
          ErrorCode.STORE_UNREACHABLE, "Nobody waits any more", "Nothing.", e);
    }
    return super.putIfAbsent(name, body);
  }
}
