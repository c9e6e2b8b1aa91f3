package io.lifeboat.api;

import io.lifeboat.operation.RepositoryRuns;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import org.jspecify.annotations.Nullable;

/**
 * Starts prunes and verifications of repositories. Each is answered before it begins: with 202 and
 * its operation.
 */
@Path("/v1")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public final class RepositoryWorkResource {
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private final RepositoryRuns runs;

  RepositoryWorkResource(RepositoryRuns runs) {
    this.runs = runs;
  }

  /** Forgets what no rule keeps and frees what nobody needs, or with {@code dryRun} only looks. */
  @POST
  @Path("/prunes")
  public Response prune(
      Requests.@Nullable Prune body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    var request = Requests.required(body);
    return OperationView.accepted(
        runs.prune(
            new RepositoryRuns.PruneRequest(request.repository(), request.dryRun().orElse(false)),
            Requests.requester(security, key)));
  }

  /** Reads a repository and holds its objects against their names, hashes and signatures. */
  @POST
  @Path("/verifications")
  public Response verify(
      Requests.@Nullable Verify body,
      @HeaderParam(IDEMPOTENCY_KEY) @Nullable String key,
      @Context SecurityContext security) {
    var request = Requests.required(body);
    return OperationView.accepted(
        runs.verify(
            new RepositoryRuns.VerifyRequest(
                request.repository(), request.level(), request.window(), request.subset()),
            Requests.requester(security, key)));
  }
}
