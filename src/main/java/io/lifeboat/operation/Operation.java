package io.lifeboat.operation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One long piece of work and what is known of it so far.
 *
 * @param id {@code op_} and 26 characters that sort by time
 * @param outcome once it succeeded
 * @param failure once it failed or was cancelled
 */
public record Operation(
    String id,
    Order order,
    OperationState state,
    Times times,
    List<Phase> phases,
    Optional<Outcome> outcome,
    Optional<Failure> failure) {
  /** Copies the phases. */
  public Operation {
    phases = List.copyOf(phases);
  }

  /** What was asked for, and by whom. */
  public record Order(
      OperationType type,
      Optional<String> plan,
      String source,
      String requestedBy,
      Trigger trigger) {}

  /** What made an operation start. */
  public enum Trigger {
    /** Somebody asked over HTTP. */
    API,
    /** A plan's schedule came due. */
    SCHEDULE
  }

  /** When it was accepted, began and ended; to the millisecond. */
  public record Times(Instant created, Optional<Instant> started, Optional<Instant> finished) {}

  /**
   * A part of the work.
   *
   * @param expectedBytes how much there was to do, 0 where it is not known
   * @param items files, objects or checks
   */
  public record Phase(
      String name,
      Instant started,
      Optional<Instant> ended,
      long expectedBytes,
      long bytes,
      long items) {}

  /** Something worth keeping, as a sentence; numbered from 1 within its operation. */
  public record Event(long sequence, Instant at, String sentence) {}

  /**
   * What the work answered.
   *
   * @param result a JSON object, as the command line prints it
   * @param verdict what a drill found
   * @param measures numbers that metrics are made of, by name with unit
   */
  public record Outcome(String result, Optional<String> verdict, Map<String, Double> measures) {
    /** Copies the measures. */
    public Outcome {
      measures = Map.copyOf(measures);
    }
  }

  /** Why it did not succeed. */
  public record Failure(String code, String message, String hint) {}
}
