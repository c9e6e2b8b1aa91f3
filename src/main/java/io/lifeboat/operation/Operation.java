package io.lifeboat.operation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One long piece of work and what is known of it so far.
 *
 * @param id {@code op_} and 26 characters that sort by time
 * @param outcome once it succeeded, or failed by what it found
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
      Subject subject,
      String requestedBy,
      Trigger trigger) {
    /** The source that it is about, if it is about one. */
    public Optional<String> source() {
      return subject instanceof Subject.Source source
          ? Optional.of(source.name())
          : Optional.empty();
    }

    /** The repository that it is about, if it is not about a source. */
    public Optional<String> repository() {
      return subject instanceof Subject.Repository repository
          ? Optional.of(repository.name())
          : Optional.empty();
    }
  }

  /** What an operation is about. */
  public sealed interface Subject {
    /** A source of the configuration; two operations about one never overlap. */
    record Source(String name) implements Subject {}

    /** A repository of the configuration; operations about repositories never overlap. */
    record Repository(String name) implements Subject {}

    /** Its name in the configuration. */
    String name();
  }

  /** What made an operation start. */
  public enum Trigger {
    /** Somebody asked over HTTP. */
    API,
    /** A schedule came due. */
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
   * @param verdict what a drill or a verification found; {@link #DRY_RUN} where a prune only looked
   * @param measures numbers that metrics are made of, by name with unit
   * @param failure why this counts as a failure, although the work came to its end
   */
  public record Outcome(
      String result,
      Optional<String> verdict,
      Map<String, Double> measures,
      Optional<Failure> failure) {
    /** The verdict of a prune that changed nothing. */
    public static final String DRY_RUN = "DRY_RUN";

    /** Copies the measures. */
    public Outcome {
      measures = Map.copyOf(measures);
    }

    /** Of work that did what it was asked to. */
    public Outcome(String result, Optional<String> verdict, Map<String, Double> measures) {
      this(result, verdict, measures, Optional.empty());
    }
  }

  /** Why it did not succeed. */
  public record Failure(String code, String message, String hint) {}
}
