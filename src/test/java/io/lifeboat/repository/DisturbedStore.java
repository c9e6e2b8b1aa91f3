package io.lifeboat.repository;

import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A store in which something happens just before the n-th read of a pack, or after a listing. */
final class DisturbedStore extends ForwardingStore {
  private final int atRead;
  private final Runnable disturbance;
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger logReads = new AtomicInteger();

  /**
   * Disturbs.
   *
   * @param atRead the number of the read of a pack, from 0
   */
  DisturbedStore(ObjectStore store, int atRead, Runnable disturbance) {
    super(store);
    this.atRead = atRead;
    this.disturbance = disturbance;
  }

  /** Whether it happened. */
  boolean wasDisturbed() {
    return reads.get() > atRead;
  }

  /** How many times the log was listed, which is how reading it begins. */
  int logReads() {
    return logReads.get();
  }

  private synchronized void read(String name) {
    if (name.startsWith(Names.PACKS) && reads.getAndIncrement() == atRead) {
      disturbance.run();
    }
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    read(name);
    return super.get(name, mostBytes);
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    read(name);
    return super.getRange(name, offsetBytes, lengthBytes);
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    if (prefix.equals(Names.LOG)) {
      logReads.incrementAndGet();
    }
    return super.list(prefix);
  }
}
