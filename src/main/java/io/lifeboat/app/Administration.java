package io.lifeboat.app;

import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.Verdict;
import io.lifeboat.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an operator does beside backups, restores and drills. Thread-safe; each call blocks until
 * its work is done, and throws {@link io.lifeboat.error.LifeboatException}.
 */
public interface Administration {
  /**
   * Writes the service key and the recovery kit where the configuration says, unless both are there
   * and belong together, and creates every configured repository that does not exist. Never
   * overwrites.
   */
  Initialized init(Progress progress);

  /**
   * What {@link #init} did.
   *
   * @param repositories the names of those that were created
   * @param kit the recovery kit; to be printed, and taken away
   */
  record Initialized(List<String> repositories, Path serviceKey, Path kit) {
    /** Copies the names. */
    public Initialized {
      repositories = List.copyOf(repositories);
    }
  }

  /**
   * Writes a new service key and a new recovery kit where the configuration says; never overwrites.
   */
  Keys keygen();

  /** The files that {@link #keygen} wrote. */
  record Keys(Path serviceKey, Path kit) {}

  /**
   * Tries everything that the configuration names: keys, repositories, sources, scratch. Changes
   * nothing.
   */
  List<Checked> check(Progress progress);

  /**
   * One thing that was tried.
   *
   * @param subject what it is, as in {@code source shop}
   * @param code an {@link io.lifeboat.error.ErrorCode}'s name; empty where all is well
   * @param message what was found
   * @param hint what to do; empty where all is well
   */
  record Checked(String subject, boolean ok, Optional<String> code, String message, String hint) {}

  /** Reads repositories and holds every object against what was signed. */
  Verified verify(VerifyOrder order, Progress progress);

  /**
   * How much to verify.
   *
   * @param level L0 to L2
   * @param subsetPercent how much of the data to read for L2, above 0 and at most 100
   */
  record VerifyOrder(ProofLevel level, double subsetPercent) {}

  /**
   * What {@link #verify} found.
   *
   * @param problems a sentence each, naming the object
   */
  record Verified(
      Verdict verdict, ProofLevel level, long objects, long bytes, List<String> problems) {
    /** Copies the problems. */
    public Verified {
      problems = List.copyOf(problems);
    }
  }

  /** Holds an evidence file against its signature. */
  EvidenceChecked evidenceVerify(Path file);

  /**
   * What {@link #evidenceVerify} found.
   *
   * @param level of the drill, if it proved any
   * @param detail why it is not valid, or what it proves
   */
  record EvidenceChecked(
      boolean valid, String drill, Verdict verdict, Optional<ProofLevel> level, String detail) {}
}
