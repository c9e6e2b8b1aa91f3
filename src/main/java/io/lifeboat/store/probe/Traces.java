package io.lifeboat.store.probe;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The objects that one probe makes: fresh names, and their removal at its end. Not thread-safe. */
public final class Traces {
  private final String prefix;
  private final List<String> names = new ArrayList<>();

  /** Names that nobody else has. */
  public Traces(SecureRandom random) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    this.prefix = StoreProbe.PREFIX + HexFormat.of().formatHex(id) + "-";
  }

  /** What all names begin with. */
  public String prefix() {
    return prefix;
  }

  /** A name, which is free unless it was asked for before; it will be removed. */
  public String name(String use) {
    String name = prefix + use;
    names.add(name);
    return name;
  }

  /**
   * What removing them came to.
   *
   * @param left names that could not be removed
   * @param because why the first could not
   */
  public record Removal(List<String> left, Optional<LifeboatException> because) {}

  /** Removes all that there is. */
  public Removal remove(ObjectStore store) {
    List<String> left = new ArrayList<>();
    Optional<LifeboatException> because = Optional.empty();
    for (String name : names) {
      try {
        store.delete(name);
      } catch (LifeboatException e) {
        if (isThere(store, name)) {
          left.add(name);
          because = because.or(() -> Optional.of(e));
        }
      }
    }
    return new Removal(List.copyOf(left), because);
  }

  private static boolean isThere(ObjectStore store, String name) {
    try {
      return store.head(name).isPresent();
    } catch (LifeboatException e) {
      return true; // nobody knows; say so rather than not
    }
  }
}
