package io.lifeboat.api;

import io.lifeboat.operation.Engines;
import io.lifeboat.operation.PlanRuns;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts backups, drills and restores. Each is answered before it begins: with 202 and its
 * operation.
 */
@Path("/v1")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public final class WorkResource {
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private final PlanRuns runs;
  private final Engines engines;

  WorkResource(PlanRuns runs, Engines engines) {
    this.runs = runs;
    this.engines = engines;
  }

  /** Backs a plan's source up. */
  @POST
  @Path("/backups")
  public Response backup(
      Requests.@Nullable Backup body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    var request = Requests.required(body);
    return OperationView.accepted(
        runs.backup(
            new Engines.BackupOrder(request.plan(), request.tags().orElse(List.of())),
            Requests.requester(security, key)));
  }

  /** Proves a snapshot of a plan's source. */
  @POST
  @Path("/drills")
  public Response drill(
      Requests.@Nullable Drill body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    var request = Requests.required(body);
    return OperationView.accepted(runs.drill(request.request(), Requests.requester(security, key)));
  }

  /** Drills copies of a plan's newest snapshot that are damaged on purpose. */
  @POST
  @Path("/controls")
  public Response controls(
      Requests.@Nullable Controls body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    return OperationView.accepted(
        runs.controls(Requests.required(body).plan(), Requests.requester(security, key)));
  }

  /**
   * Brings a snapshot of a source, or a cluster as of a point in time, back to an empty folder of
   * the service's machine; or a database or table to a file, or to the source beside the original.
   */
  @POST
  @Path("/restores")
  public Response restore(
      Requests.@Nullable Restore body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    var request = Requests.required(body);
    PlanRuns.Requester requester = Requests.requester(security, key);
    return OperationView.accepted(
        request.isObject()
            ? runs.restoreObject(request.object(), requester)
            : runs.restore(request.whole(), requester));
  }

  /** The signed evidence of a drill, byte for byte as it lies beside the backups. */
  @GET
  @Path("/drills/{id}/evidence")
  @Produces({MediaType.APPLICATION_JSON, MediaType.APPLICATION_OCTET_STREAM})
  public Response evidence(@PathParam("id") String drill) {
    return Response.ok(engines.evidence(drill), MediaType.APPLICATION_JSON).build();
  }

  /** The same as a page for people; whoever asks for nothing in particular gets the evidence. */
  @GET
  @Path("/drills/{id}/evidence")
  @Produces(MediaType.TEXT_HTML + ";qs=0.5")
  public Response evidencePage(@PathParam("id") String drill) {
    return Response.ok(engines.evidencePage(drill), MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
        .build();
  }
}
