package io.lifeboat.app;

import io.lifeboat.config.Settings;
import io.lifeboat.operation.FakeEngines;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Capabilities without anything behind them; what was asked of them is kept. */
public final class FakeCapabilities implements Capabilities, CapabilitiesFactory {
  /** What was called, in order. */
  public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  private final FakeEngines engines;

  /** Around the given engines. */
  public FakeCapabilities(FakeEngines engines) {
    this.engines = engines;
  }

  @Override
  public Capabilities open(Settings settings) {
    calls.add("open " + settings.plans().keySet());
    return this;
  }

  @Override
  public FakeEngines engines() {
    return engines;
  }

  @Override
  public List<Runnable> startCleanups() {
    return List.of(() -> calls.add("cleanup"));
  }

  @Override
  public Map<String, Runnable> repositoryProbes() {
    return Map.of("local", () -> calls.add("probe"));
  }

  @Override
  public WalStreams wal() {
    return WalStreams.none();
  }

  @Override
  public int scratchCount() {
    return 3;
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
