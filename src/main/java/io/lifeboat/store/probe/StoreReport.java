package io.lifeboat.store.probe;

import io.lifeboat.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;

/**
 * What a probe found.
 *
 * @param store where it is, for people
 * @param left names of objects that this identity may not remove
 */
public record StoreReport(String store, List<Capability> capabilities, List<String> left) {
  public StoreReport {
    capabilities = List.copyOf(capabilities);
    left = List.copyOf(left);
  }

  /** Whether backups may be entrusted to the store. */
  public boolean isSafe() {
    return capabilities.stream().allMatch(Capability::isSafe);
  }

  /** Asks a store everything, and removes what that left. */
  public static StoreReport of(ObjectStore store, List<Examination> examinations, Traces traces) {
    List<Capability> found = new ArrayList<>();
    Traces.Removal removal;
    try {
      examinations.forEach(examination -> found.addAll(examination.run(store, traces)));
    } finally {
      removal = traces.remove(store);
    }
    found.add(deletion(removal));
    return new StoreReport(store.describe(), found, removal.left());
  }

  private static Capability deletion(Traces.Removal removal) {
    return removal.left().isEmpty()
        ? Capability.told(
            "this identity may delete",
            true,
            "Good for maintenance, bad for a backup node: whoever takes the node can destroy the"
                + " backups. Give it the policy of `lifeboat policy --role writer`.")
        : Capability.told(
            "this identity may delete",
            false,
            "Right for a backup node; maintenance needs another identity. "
                + removal.left().size()
                + " small objects of this probe stay"
                + removal.because().map(e -> " (" + e.code() + ")").orElse("")
                + ".");
  }
}
