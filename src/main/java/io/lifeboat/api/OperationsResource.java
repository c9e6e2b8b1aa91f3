package io.lifeboat.api;

import io.lifeboat.config.Spelling;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationService;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.OperationType;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Watches and cancels operations. */
@Path("/v1/operations")
@Produces(MediaType.APPLICATION_JSON)
public final class OperationsResource {
  private static final int MOST_PER_PAGE = 200;
  private static final int MOST_EVENTS = 1000;

  private final OperationService operations;
  private final OperationStore store;

  OperationsResource(OperationService operations, OperationStore store) {
    this.operations = operations;
    this.store = store;
  }

  /**
   * A page of operations.
   *
   * @param nextCursor for the page after this one; absent on the last
   */
  record Page(List<OperationView> operations, Optional<String> nextCursor) {}

  /** Operations, newest first. */
  @GET
  public Page list(
      @QueryParam("type") @Nullable String type,
      @QueryParam("state") @Nullable String state,
      @QueryParam("plan") @Nullable String plan,
      @QueryParam("source") @Nullable String source,
      @QueryParam("repository") @Nullable String repository,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @DefaultValue("50") String limit) {
    int most = number("limit", limit, 1, MOST_PER_PAGE);
    var filter =
        new OperationStore.Filter(
            word("type", type, OperationType.class),
            word("state", state, OperationState.class),
            Optional.ofNullable(plan),
            Optional.ofNullable(source),
            Optional.ofNullable(repository));
    var found = store.list(filter, Optional.ofNullable(cursor), most + 1);
    var page = found.subList(0, Math.min(most, found.size()));
    Optional<String> next =
        found.size() > most ? Optional.of(page.getLast().id()) : Optional.empty();
    return new Page(page.stream().map(OperationView::of).toList(), next);
  }

  /** One operation, with its progress as of now. */
  @GET
  @Path("/{id}")
  public OperationView get(@PathParam("id") String id) {
    return OperationView.of(existing(id));
  }

  /** An operation's events. */
  record Events(List<Operation.Event> events, boolean more) {}

  /**
   * What happened, in order; with {@code after}, only what happened after the event of that number.
   */
  @GET
  @Path("/{id}/events")
  public Events events(
      @PathParam("id") String id, @QueryParam("after") @DefaultValue("0") String after) {
    existing(id);
    var found =
        operations.events(id, number("after", after, 0, Integer.MAX_VALUE), MOST_EVENTS + 1);
    return new Events(
        found.subList(0, Math.min(MOST_EVENTS, found.size())), found.size() > MOST_EVENTS);
  }

  /** The same as text, for people. */
  @GET
  @Path("/{id}/log")
  @Produces(MediaType.TEXT_PLAIN)
  public String log(@PathParam("id") String id) {
    existing(id);
    return operations.events(id, 0, Integer.MAX_VALUE).stream()
        .map(event -> event.at() + " " + event.sentence() + "\n")
        .collect(Collectors.joining());
  }

  /** Asks an operation to stop; it is cancelled only after it has cleaned up. */
  @POST
  @Path("/{id}/cancel")
  public Response cancel(@PathParam("id") String id, @Context SecurityContext security) {
    return operations
        .cancel(id, security.getUserPrincipal().getName())
        .map(OperationView::accepted)
        .orElseThrow(() -> unknown(id));
  }

  private Operation existing(String id) {
    return operations.find(id).orElseThrow(() -> unknown(id));
  }

  private static PermanentException unknown(String id) {
    return new PermanentException(
        ErrorCode.OPERATION_UNKNOWN,
        "There is no operation '" + id + "'",
        "GET /v1/operations lists those there are.");
  }

  private static <E extends Enum<E>> Optional<E> word(
      String name, @Nullable String text, Class<E> type) {
    if (text == null) {
      return Optional.empty();
    }
    var words = Arrays.asList(type.getEnumConstants());
    return Optional.of(
        words.stream()
            .filter(word -> word.name().equalsIgnoreCase(text))
            .findFirst()
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.USAGE_INVALID,
                    "'" + text + "' is not a " + name,
                    Spelling.hint(text, words.stream().map(Enum::name).toList()))));
  }

  private static int number(String name, String text, int first, int last) {
    try {
      int number = Integer.parseInt(text);
      if (number >= first && number <= last) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw outOfRange(name, text, first, last, e);
    }
    throw outOfRange(name, text, first, last, new IllegalArgumentException("out of range"));
  }

  private static PermanentException outOfRange(
      String name, String text, int first, int last, Throwable cause) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        "'" + name + "' cannot be '" + text + "'",
        "Send a whole number from " + first + " to " + last + ".",
        cause);
  }
}
