package io.lifeboat.app;

import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.Verdict;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.FakeEngines;
import io.lifeboat.progress.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Capabilities without anything behind them; what was asked of them is kept. */
public final class FakeCapabilities implements Capabilities, CapabilitiesFactory, Administration {
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
  public Capabilities open(StoreConfig store, Path identity) {
    calls.add("open " + store + " with " + identity);
    return this;
  }

  @Override
  public FakeEngines engines() {
    return engines;
  }

  @Override
  public Administration administration() {
    return this;
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
  public int scratchCount() {
    return 3;
  }

  @Override
  public Initialized init(Progress progress) {
    return new Initialized(
        List.of("local"), Path.of("/k/service.key"), Path.of("/k/recovery-kit.txt"));
  }

  @Override
  public Keys keygen() {
    throw new PermanentException(
        ErrorCode.KEY_FILE_EXISTS, "The file /k/service.key exists", "Move it away first.");
  }

  @Override
  public List<Checked> check(Progress progress) {
    return List.of(
        new Checked("source books", true, Optional.empty(), "2 paths", ""),
        new Checked(
            "repository local",
            false,
            Optional.of("STORE_UNREACHABLE"),
            "No answer from /r",
            "Mount it."));
  }

  @Override
  public Verified verify(VerifyOrder order, Progress progress) {
    calls.add("verify " + order);
    return new Verified(Verdict.FAIL, order.level(), 12, 3400, List.of("data/1 is damaged"));
  }

  @Override
  public EvidenceChecked evidenceVerify(Path file) {
    return new EvidenceChecked(
        true, "dr_1", Verdict.PASS, Optional.of(ProofLevel.L6), "signed by the service key");
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
