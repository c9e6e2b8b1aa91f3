package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.scratch.Janitor;
import io.lifeboat.operation.Engines;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real engines for a service, and the janitor that sweeps scratch each minute. */
final class EngineCapabilities implements Capabilities {
  private static final Logger LOG = LoggerFactory.getLogger(EngineCapabilities.class);

  private final ConfiguredEngines engines;
  private final WalStreams wal;
  private final Set<String> written;
  private final Janitor janitor;
  private final ScheduledExecutorService sweeps =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("janitor").daemon().factory());

  EngineCapabilities(Installation installation) {
    this.engines = new ConfiguredEngines(installation, new SecureRandom(), Clock.systemUTC());
    this.wal = new WalStreams(installation, engines.repositories(), Clock.systemUTC());
    this.written =
        installation.plans().values().stream()
            .map(PlanConfig::repository)
            .collect(Collectors.toUnmodifiableSet());
    this.janitor = engines.scratches().janitor();
    // Fixed delays, and nothing may escape: an executor drops a task that throws, and scratch would
    // pile up unseen.
    var _ = sweeps.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.MINUTES);
  }

  private void sweep() {
    try {
      Janitor.Sweep sweep = janitor.sweep();
      if (!sweep.removed().isEmpty() || !sweep.left().isEmpty()) {
        LOG.warn("event=swept removed={} left={}", sweep.removed(), sweep.left());
      }
    } catch (RuntimeException e) {
      LOG.error("event=sweep-failed", e);
    }
  }

  @Override
  public Engines engines() {
    return engines;
  }

  @Override
  public List<Runnable> startCleanups() {
    return List.of(this::sweep);
  }

  @Override
  public Map<String, Runnable> repositoryProbes() {
    Map<String, Runnable> probes = new TreeMap<>();
    engines.repositories().names().forEach(name -> probes.put(name, () -> probe(name)));
    probes.putAll(engines.upkeep().keyChecks());
    return probes;
  }

  /** What no plan writes to may be read-only to this node. */
  private void probe(String name) {
    OpenRepositories repositories = engines.repositories();
    if (written.contains(name)) {
      repositories.requireSafeStore(name);
    }
    repositories.get(name).requireSound();
  }

  @Override
  public int scratchCount() {
    return engines.scratches().count();
  }

  @Override
  public WalStreams wal() {
    return wal;
  }

  @Override
  public void close() {
    wal.close();
    sweeps.shutdownNow();
    engines.close();
  }
}
