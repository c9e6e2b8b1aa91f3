package io.lifeboat.operation;

import io.lifeboat.operation.Operation.Event;
import io.lifeboat.operation.Operation.Failure;
import io.lifeboat.operation.Operation.Order;
import io.lifeboat.operation.Operation.Outcome;
import io.lifeboat.operation.Operation.Phase;
import io.lifeboat.operation.Operation.Subject;
import io.lifeboat.operation.Operation.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/**
 * The history of operations in the service's database. Every change of state is one transaction.
 * Thread-safe.
 */
public final class OperationStore {
  private final Jdbi jdbi;

  /** Works on a database whose schema is there. */
  public OperationStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Records a new operation, and under which key it was asked for, if it was under one. */
  void insert(Operation operation, Optional<IdempotencyKey> key) {
    jdbi.useTransaction(handle -> {
      var order = operation.order();
      handle
          .createUpdate(
              """
              insert into operation
                (id, type, plan, source, repository, requested_by, run_trigger, state, created_at_ms)
              values
                (:id, :type, :plan, :source, :repository, :requestedBy, :trigger, :state, :createdAt)
              """)
          .bind("id", operation.id())
          .bind("type", order.type().name())
          .bind("plan", order.plan())
          .bind("source", order.source())
          .bind("repository", order.repository())
          .bind("requestedBy", order.requestedBy())
          .bind("trigger", order.trigger().name())
          .bind("state", operation.state().name())
          .bind("createdAt", operation.times().created().toEpochMilli())
          .execute();
      key.ifPresent(it ->
          handle.execute(
              "insert into idempotent_request values (?, ?, ?, ?, ?)",
              it.requester(),
              it.key(),
              it.payloadSha256(),
              operation.id(),
              operation.times().created().toEpochMilli()));
    });
  }

  /** What was answered under a key before. */
  Optional<Answered> answered(String requester, String key) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select payload_sha256, operation_id from idempotent_request
                where requester = :requester and request_key = :key
                """)
            .bind("requester", requester)
            .bind("key", key)
            .map((row, context) -> new Answered(row.getString(1), row.getString(2)))
            .findOne());
  }

  /** A request that came before: what it asked for, hashed, and the operation that it started. */
  record Answered(String payloadSha256, String operation) {}

  /**
   * Moves an operation on, if it is in the state that the caller takes it to be in.
   *
   * @return whether it was
   * @throws IllegalArgumentException if no operation may move so
   */
  boolean move(String id, OperationState from, OperationState to, Instant at, String sentence) {
    return jdbi.inTransaction(handle -> {
      boolean moved = move(handle, id, from, to, at);
      if (moved) {
        addEvent(handle, id, at, sentence);
      }
      return moved;
    });
  }

  /**
   * Ends an operation with what it answered.
   *
   * @param to FAILED where the outcome says so, else SUCCEEDED
   */
  boolean answer(String id, OperationState from, OperationState to, Outcome outcome, Instant at) {
    return jdbi.inTransaction(handle -> {
      if (!move(handle, id, from, to, at)) {
        return false;
      }
      handle.execute(
          "update operation set result = ?, verdict = ? where id = ?",
          outcome.result(),
          outcome.verdict().orElse(null),
          id);
      outcome
          .measures()
          .forEach((name, number) ->
              handle.execute("insert into operation_measure values (?, ?, ?)", id, name, number));
      outcome.failure().ifPresent(failure -> keep(handle, id, failure));
      String verdict = outcome.verdict().map(it -> ", verdict " + it).orElse("");
      String why = outcome.failure().map(failure -> ": " + failure.message()).orElse("");
      addEvent(handle, id, at, to.name() + verdict + why);
      return true;
    });
  }

  /** Ends an operation with an error. */
  boolean fail(String id, OperationState from, OperationState to, Failure failure, Instant at) {
    return jdbi.inTransaction(handle -> {
      if (!move(handle, id, from, to, at)) {
        return false;
      }
      keep(handle, id, failure);
      addEvent(handle, id, at, to.name() + ": " + failure.message());
      return true;
    });
  }

  private static void keep(Handle handle, String id, Failure failure) {
    handle.execute(
        "update operation set error_code = ?, error_message = ?, error_hint = ? where id = ?",
        failure.code(),
        failure.message(),
        failure.hint(),
        id);
  }

  private static boolean move(
      Handle handle, String id, OperationState from, OperationState to, Instant at) {
    if (!from.canMoveTo(to)) {
      throw new IllegalArgumentException("No operation moves from " + from + " to " + to);
    }
    String time =
        to == OperationState.RUNNING
            ? ", started_at_ms = :at"
            : to.isFinal() ? ", finished_at_ms = :at" : "";
    int changed =
        handle
            .createUpdate(
                "update operation set state = :to" + time + " where id = :id and state = :from")
            .bind("to", to.name())
            .bind("from", from.name())
            .bind("id", id)
            .bind("at", at.toEpochMilli())
            .execute();
    if (changed == 1 && to.isFinal()) {
      handle.execute(
          "update operation_phase set ended_at_ms = ? where operation_id = ? and ended_at_ms is"
              + " null",
          at.toEpochMilli(),
          id);
    }
    return changed == 1;
  }

  /** Adds a sentence to an operation's history. */
  void addEvent(String id, Instant at, String sentence) {
    jdbi.useTransaction(handle -> addEvent(handle, id, at, sentence));
  }

  private static void addEvent(Handle handle, String id, Instant at, String sentence) {
    // The row of the operation is the lock that keeps two writers from taking one number.
    handle
        .createQuery("select id from operation where id = :id for update")
        .bind("id", id)
        .mapTo(String.class)
        .one();
    handle.execute(
        """
        insert into operation_event
        select ?, coalesce(max(sequence), 0) + 1, ?, ? from operation_event where operation_id = ?
        """,
        id,
        at.toEpochMilli(),
        sentence,
        id);
  }

  /** Writes how far a phase is; its position is its identity. */
  void savePhase(String id, int position, Phase phase) {
    jdbi.useTransaction(handle -> {
      handle.execute(
          "delete from operation_phase where operation_id = ? and position = ?", id, position);
      handle.execute(
          "insert into operation_phase values (?, ?, ?, ?, ?, ?, ?, ?)",
          id,
          position,
          phase.name(),
          phase.started().toEpochMilli(),
          phase.ended().map(Instant::toEpochMilli).orElse(null),
          phase.expectedBytes(),
          phase.bytes(),
          phase.items());
    });
  }

  /** One operation. */
  public Optional<Operation> find(String id) {
    return select("where id = :id", query -> query.bind("id", id)).stream().findFirst();
  }

  /** The operations that match, newest first; those older than {@code before}, if it is given. */
  public List<Operation> list(Filter filter, Optional<String> before, int limit) {
    var where = new StringBuilder("where 1 = 1");
    filter.type().ifPresent(type -> where.append(" and type = :type"));
    filter.state().ifPresent(state -> where.append(" and state = :state"));
    filter.plan().ifPresent(plan -> where.append(" and plan = :plan"));
    filter.source().ifPresent(source -> where.append(" and source = :source"));
    filter.repository().ifPresent(name -> where.append(" and repository = :repository"));
    before.ifPresent(id -> where.append(" and id < :before"));
    where.append(" order by id desc limit :limit");
    return select(
        where.toString(),
        query -> {
          filter.type().ifPresent(type -> query.bind("type", type.name()));
          filter.state().ifPresent(state -> query.bind("state", state.name()));
          filter.plan().ifPresent(plan -> query.bind("plan", plan));
          filter.source().ifPresent(source -> query.bind("source", source));
          filter.repository().ifPresent(name -> query.bind("repository", name));
          before.ifPresent(id -> query.bind("before", id));
          return query.bind("limit", limit);
        });
  }

  /** Which operations to list; what is empty does not restrict. */
  public record Filter(
      Optional<OperationType> type,
      Optional<OperationState> state,
      Optional<String> plan,
      Optional<String> source,
      Optional<String> repository) {
    /** All. */
    public static Filter all() {
      return new Filter(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Those of one plan and type. */
    public static Filter of(String plan, OperationType type) {
      return new Filter(
          Optional.of(type),
          Optional.empty(),
          Optional.of(plan),
          Optional.empty(),
          Optional.empty());
    }

    /** Those of one type on a repository that failed. */
    public static Filter failed(String repository, OperationType type) {
      return new Filter(
          Optional.of(type),
          Optional.of(OperationState.FAILED),
          Optional.empty(),
          Optional.empty(),
          Optional.of(repository));
    }

    /** The same, in one state only. */
    public Filter in(OperationState state) {
      return new Filter(type, Optional.of(state), plan, source, repository);
    }
  }

  /** How the operations of each plan, source and repository ended, or stand. */
  public List<Tally> tallies() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select plan, source, repository, type, state, verdict, count(*),
                  max(finished_at_ms)
                from operation group by plan, source, repository, type, state, verdict
                """)
            .map((row, context) ->
                new Tally(
                    Optional.ofNullable(row.getString(1)),
                    Optional.ofNullable(row.getString(2)),
                    Optional.ofNullable(row.getString(3)),
                    OperationType.valueOf(row.getString(4)),
                    OperationState.valueOf(row.getString(5)),
                    Optional.ofNullable(row.getString(6)),
                    row.getLong(7),
                    instant(row, 8)))
            .list());
  }

  /**
   * Operations that are alike, counted.
   *
   * @param lastFinished when the last of them ended, if any did
   */
  public record Tally(
      Optional<String> plan,
      Optional<String> source,
      Optional<String> repository,
      OperationType type,
      OperationState state,
      Optional<String> verdict,
      long count,
      Optional<Instant> lastFinished) {}

  /** An operation's events after the given number, in order. */
  public List<Event> events(String id, long after, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select sequence, at_ms, sentence from operation_event
                where operation_id = :id and sequence > :after order by sequence limit :limit
                """)
            .bind("id", id)
            .bind("after", after)
            .bind("limit", limit)
            .map((row, context) ->
                new Event(row.getLong(1), Instant.ofEpochMilli(row.getLong(2)), row.getString(3)))
            .list());
  }

  private List<Operation> select(String where, java.util.function.UnaryOperator<Query> bind) {
    return jdbi.withHandle(handle ->
        bind.apply(handle.createQuery("select * from operation " + where))
            .map((row, context) -> operation(handle, row))
            .list());
  }

  private static Operation operation(Handle handle, ResultSet row) throws SQLException {
    String id = row.getString("id");
    var result = Optional.ofNullable(row.getString("result"));
    var verdict = Optional.ofNullable(row.getString("verdict"));
    var failure = failure(row);
    var measures = result.isPresent() ? measures(handle, id) : Map.<String, Double>of();
    return new Operation(
        id,
        new Order(
            OperationType.valueOf(row.getString("type")),
            Optional.ofNullable(row.getString("plan")),
            subject(row),
            row.getString("requested_by"),
            Operation.Trigger.valueOf(row.getString("run_trigger"))),
        OperationState.valueOf(row.getString("state")),
        new Times(
            Instant.ofEpochMilli(row.getLong("created_at_ms")),
            instant(row, "started_at_ms"),
            instant(row, "finished_at_ms")),
        phases(handle, id),
        result.map(text -> new Outcome(text, verdict, measures, failure)),
        failure);
  }

  private static Subject subject(ResultSet row) throws SQLException {
    String repository = row.getString("repository");
    return repository == null
        ? new Subject.Source(row.getString("source"))
        : new Subject.Repository(repository);
  }

  private static Optional<Failure> failure(ResultSet row) throws SQLException {
    String code = row.getString("error_code");
    return code == null
        ? Optional.empty()
        : Optional.of(
            new Failure(code, row.getString("error_message"), row.getString("error_hint")));
  }

  private static List<Phase> phases(Handle handle, String id) {
    return handle
        .createQuery("select * from operation_phase where operation_id = :id order by position")
        .bind("id", id)
        .map((row, context) ->
            new Phase(
                row.getString("name"),
                Instant.ofEpochMilli(row.getLong("started_at_ms")),
                instant(row, "ended_at_ms"),
                row.getLong("expected_bytes"),
                row.getLong("bytes"),
                row.getLong("items")))
        .list();
  }

  private static Map<String, Double> measures(Handle handle, String id) {
    return handle
        .createQuery("select name, number from operation_measure where operation_id = :id")
        .bind("id", id)
        .map((row, context) -> Map.entry(row.getString(1), row.getDouble(2)))
        .collectToMap(Map.Entry::getKey, Map.Entry::getValue);
  }

  private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
