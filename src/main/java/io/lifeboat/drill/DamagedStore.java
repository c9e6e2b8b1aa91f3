package io.lifeboat.drill;

import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.ObjectStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * A store as it would be if one of its objects were damaged: the first of some kind that is read.
 * The store itself is not touched. Thread-safe.
 */
public final class DamagedStore extends ForwardingStore {
  private final Predicate<String> worth;
  private final Damage damage;
  private final AtomicReference<Optional<Place>> victim = new AtomicReference<>(Optional.empty());

  /** Where the damage is: from this byte on, or that byte alone. */
  private record Place(String object, long offset) {}

  /**
   * In front of a store.
   *
   * @param worth names of objects one of which is to be damaged
   * @param damage {@code TRUNCATED_OBJECT} or {@code FLIPPED_BIT}
   */
  public DamagedStore(ObjectStore store, Predicate<String> worth, Damage damage) {
    super(store);
    if (damage.kind() != Damage.Kind.OBJECT) {
      throw new IllegalArgumentException(damage + " is not done to an object");
    }
    this.worth = worth;
    this.damage = damage;
  }

  /** The object that was damaged; empty as long as none was read. */
  public Optional<String> damaged() {
    return victim.get().map(Place::object);
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    return damaged(name, 0, super.get(name, mostBytes));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    return damaged(name, offsetBytes, super.getRange(name, offsetBytes, lengthBytes));
  }

  /**
   * What is read to an object's end is what the object says of itself, with padding on the way; any
   * other read begins with bytes that somebody needs.
   */
  private boolean isContents(String name, long end) {
    return head(name).filter(info -> end < info.sizeBytes()).isPresent();
  }

  private byte[] damaged(String name, long offset, byte[] bytes) {
    if (bytes.length < 2 || !worth.test(name)) {
      return bytes;
    }
    if (victim.get().isEmpty() && isContents(name, offset + bytes.length)) {
      victim.compareAndSet(Optional.empty(), Optional.of(new Place(name, offset + 1)));
    }
    Optional<Place> place = victim.get().filter(one -> one.object().equals(name));
    long at = place.map(Place::offset).orElse(Long.MAX_VALUE) - offset;
    if (at >= bytes.length) {
      return bytes;
    }
    if (damage == Damage.TRUNCATED_OBJECT) {
      return Arrays.copyOf(bytes, (int) Math.max(0, at));
    }
    if (at >= 0) {
      bytes[(int) at] ^= 1;
    }
    return bytes;
  }
}
