package io.lifeboat.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.PlanRuns;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An operation as the API shows it.
 *
 * @param result what the command line's {@code --json} prints for the same work
 * @param source what it is about, unless it is about a repository
 * @param verdict what a drill or a verification found; DRY_RUN where a prune only looked
 * @param drill the id of the drill that this runs
 */
record OperationView(
    String id,
    OperationType type,
    Optional<String> plan,
    Optional<String> source,
    Optional<String> repository,
    OperationState state,
    String requestedBy,
    Operation.Trigger trigger,
    Instant createdAt,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    List<PhaseView> phases,
    Optional<RawJson> result,
    Optional<String> verdict,
    Optional<Operation.Failure> error,
    Optional<String> drill,
    Map<String, String> links) {

  /** JSON that was written before, and is passed on as it is. */
  record RawJson(@JsonValue @JsonRawValue String text) {}

  /** A phase, with how long it took so far or in all. */
  record PhaseView(
      String name,
      Instant startedAt,
      Optional<Instant> endedAt,
      Optional<Double> seconds,
      long expectedBytes,
      long bytes,
      long items) {
    static PhaseView of(Operation.Phase phase) {
      return new PhaseView(
          phase.name(),
          phase.started(),
          phase.ended(),
          phase.ended().map(end -> Duration.between(phase.started(), end).toMillis() / 1000.0),
          phase.expectedBytes(),
          phase.bytes(),
          phase.items());
    }
  }

  static OperationView of(Operation operation) {
    var order = operation.order();
    Optional<String> drill =
        order.type() == OperationType.DRILL
            ? Optional.of(PlanRuns.drillOf(operation.id()))
            : Optional.empty();
    return new OperationView(
        operation.id(),
        order.type(),
        order.plan(),
        order.source(),
        order.repository(),
        operation.state(),
        order.requestedBy(),
        order.trigger(),
        operation.times().created(),
        operation.times().started(),
        operation.times().finished(),
        operation.phases().stream().map(PhaseView::of).toList(),
        operation.outcome().map(Operation.Outcome::result).map(RawJson::new),
        operation.outcome().flatMap(Operation.Outcome::verdict),
        operation.failure(),
        drill,
        links(operation, drill));
  }

  private static Map<String, String> links(Operation operation, Optional<String> drill) {
    var links = new TreeMap<String, String>();
    String self = Paths.operation(operation.id());
    links.put("self", self);
    links.put("events", self + "/events");
    links.put("log", self + "/log");
    if (!operation.state().isFinal()) {
      links.put("cancel", self + "/cancel");
    }
    if (operation.outcome().isPresent()) {
      drill.ifPresent(id -> links.put("evidence", Paths.evidence(id)));
    }
    return links;
  }

  /** The answer to a request that started this. */
  static Response accepted(Operation operation) {
    return Response.accepted(of(operation))
        .location(URI.create(Paths.operation(operation.id())))
        .build();
  }
}
