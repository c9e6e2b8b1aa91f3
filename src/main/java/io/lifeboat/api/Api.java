package io.lifeboat.api;

import io.lifeboat.access.AccessTokens;
import io.lifeboat.config.Settings;
import io.lifeboat.operation.Engines;
import io.lifeboat.operation.OperationService;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.Runs;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.schedule.PlanScheduler;
import io.lifeboat.wal.WalStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a web server has to serve: resources, the filters around them, and the mappers for what goes
 * wrong.
 */
public final class Api {
  private Api() {}

  /** What the resources call. */
  public record Parts(
      Settings settings,
      Engines engines,
      AccessTokens tokens,
      OperationService operations,
      OperationStore store,
      Runs runs,
      SkippedRuns skipped,
      PlanScheduler scheduler,
      Supplier<Map<String, WalStatus>> wal) {}

  /** Everything, for JAX-RS to register. */
  public static List<Object> components(Parts parts) {
    var components = new ArrayList<Object>(ErrorMappers.all());
    components.add(new BearerFilter(parts.tokens()));
    components.add(new UnreadBody());
    components.add(new WorkResource(parts.runs().plans(), parts.engines()));
    components.add(new RepositoryWorkResource(parts.runs().repositories()));
    components.add(new OperationsResource(parts.operations(), parts.store()));
    components.add(
        new PlansResource(
            parts.settings(),
            parts.engines(),
            parts.store(),
            parts.skipped(),
            parts.scheduler(),
            parts.wal()));
    return List.copyOf(components);
  }
}
