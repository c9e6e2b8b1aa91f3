package io.lifeboat.postgres.logical;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sees that somebody cancels a load while its sessions wait for the server, which may build an
 * index for hours. Thread-safe.
 */
final class LoadCancellation implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  private final Progress progress;
  private final Set<LoadSession> sessions = ConcurrentHashMap.newKeySet();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Optional<LifeboatException> cancelled = Optional.empty();

  LoadCancellation(Progress progress) {
    this.progress = progress;
    Thread.ofVirtual().start(this::watch);
  }

  void add(LoadSession session) {
    sessions.add(session);
  }

  void remove(LoadSession session) {
    sessions.remove(session);
  }

  /** Throws what the load was cancelled with, if it was. */
  void check() {
    cancelled.ifPresent(problem -> {
      throw problem;
    });
  }

  private void watch() {
    try {
      while (!over.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (cancelled.isEmpty()) {
          look();
        } else {
          // Again and again: a session may just have been between two statements.
          sessions.forEach(LoadSession::cancel);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (LifeboatException e) {
      cancelled = Optional.of(e); // the server is not to be reached any more
    }
  }

  private void look() {
    try {
      progress.checkCancelled();
    } catch (LifeboatException e) {
      cancelled = Optional.of(e);
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}
