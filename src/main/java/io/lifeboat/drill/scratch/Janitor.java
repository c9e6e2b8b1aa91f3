package io.lifeboat.drill.scratch;

import io.lifeboat.error.LifeboatException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes the scratches of processes that ended before they could, and of drills that outlived
 * their time. What belongs to a living owner, or carries no label of ours, is never touched.
 * Thread-safe, and it does no harm if several processes sweep at once.
 */
public final class Janitor {
  /** Longer than any scratch lives: until then a container may turn up whose owner is dead. */
  private static final Duration MEMORY = Duration.ofDays(3);

  private final Ledger ledger;
  private final Owner owner;
  private final DockerConnection docker;
  private final Removal removal;
  private final Clock clock;
  private volatile int leaked;

  Janitor(Ledger ledger, Owner owner, DockerConnection docker, Removal removal, Clock clock) {
    this.ledger = ledger;
    this.owner = owner;
    this.docker = docker;
    this.removal = removal;
    this.clock = clock;
  }

  /**
   * One round: call it at start and each minute.
   *
   * @param removed ids of the scratches that are gone now
   * @param left what could not be removed, a sentence each
   */
  public record Sweep(List<String> removed, List<String> left) {
    /** Copies the lists. */
    public Sweep {
      removed = List.copyOf(removed);
      left = List.copyOf(left);
    }
  }

  /** Removes what is left behind. */
  public Sweep sweep() {
    List<String> removed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    Set<String> known = new HashSet<>();
    Instant now = clock.instant();
    for (LedgerEntry entry : ledger.entries()) {
      known.addAll(entry.container());
      if (owner.isDead(entry.owner()) || entry.isExpired(now)) {
        attempt(entry.id(), removed, left, () -> removal.remove(entry));
      }
    }
    sweepContainers(known, now, removed, left);
    attempt("owners", new ArrayList<>(), left, () -> owner.forgetDeadBefore(now.minus(MEMORY)));
    attempt("drafts", new ArrayList<>(), left, () -> ledger.dropDrafts(owner::isDead));
    leaked = left.size();
    return new Sweep(removed, left);
  }

  /** How many scratches the last round could not remove: for a gauge. */
  public int leaked() {
    return leaked;
  }

  /**
   * Containers that no ledger entry knows: an engine may finish making one after its owner died and
   * its entry was swept. Where no engine answers there is nothing to see; the entries that name
   * containers are then what is left.
   */
  private void sweepContainers(
      Set<String> known, Instant now, List<String> removed, List<String> left) {
    if (!docker.isAvailable()) {
      return;
    }
    try {
      for (DockerEngine.Labelled container : docker.engine().labelled()) {
        boolean abandoned = owner.isDead(container.owner()) || isPast(container.expiresAt(), now);
        if (abandoned && !known.contains(container.name())) {
          attempt(container.name(), removed, left, () -> docker.engine().remove(container.name()));
        }
      }
    } catch (LifeboatException e) {
      left.add(e.getMessage());
    }
  }

  private static boolean isPast(String instant, Instant now) {
    try {
      return Instant.parse(instant).isBefore(now);
    } catch (DateTimeException e) {
      return false; // not a label that we wrote
    }
  }

  private static void attempt(
      String id, List<String> removed, List<String> left, Runnable removal) {
    try {
      removal.run();
      removed.add(id);
    } catch (LifeboatException e) {
      left.add(e.getMessage());
    }
  }
}
