package io.lifeboat.app;

import io.lifeboat.access.AccessTokens;
import io.lifeboat.api.Api;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.operation.OperationIds;
import io.lifeboat.operation.OperationService;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.PlanRuns;
import io.lifeboat.operation.RepositoryRuns;
import io.lifeboat.operation.RestoreTargets;
import io.lifeboat.operation.Runs;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.schedule.PlanScheduler;
import io.lifeboat.telemetry.KnownSnapshots;
import io.lifeboat.telemetry.Metrics;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The only composition root: builds the service out of a configuration and the engines'
 * capabilities.
 */
final class Wiring {
  private static final String H2_FILE = "jdbc:h2:file:";

  private final Capabilities capabilities;
  private final ServiceDatabase database;
  private final Api.Parts parts;
  private final KnownSnapshots snapshots;

  private Wiring(
      Capabilities capabilities,
      ServiceDatabase database,
      Api.Parts parts,
      KnownSnapshots snapshots) {
    this.capabilities = capabilities;
    this.database = database;
    this.parts = parts;
    this.snapshots = snapshots;
  }

  /**
   * Builds a service that is not started yet.
   *
   * @throws io.lifeboat.error.PermanentException if its database cannot be used
   */
  static Wiring service(LifeboatConfiguration configuration, CapabilitiesFactory factory) {
    Settings settings = configuration.settings();
    Clock clock = Clock.systemUTC();
    var random = new SecureRandom();
    var database = ServiceDatabase.open(settings.database());
    var capabilities = factory.open(settings);
    var store = new OperationStore(database.jdbi());
    var skipped = new SkippedRuns(database.jdbi());
    var limits =
        new OperationService.Limits(
            settings.operations().parallel(), settings.operations().stopWithin());
    var operations = new OperationService(store, new OperationIds(clock, random), clock, limits);
    var targets = new RestoreTargets(reserved(configuration));
    var format = new ResultJson();
    var runs =
        new Runs(
            new PlanRuns(
                settings,
                capabilities.engines(),
                operations,
                targets,
                format,
                capabilities.wal()::beforeBackup),
            new RepositoryRuns(settings, capabilities.engines(), operations, format));
    var scheduler = PlanScheduler.of(settings, database.dataSource(), runs, skipped, clock);
    var tokens = new AccessTokens(database.jdbi(), clock, random);
    var snapshots = new KnownSnapshots(capabilities.engines(), clock);
    operations.onEnd(ended -> snapshots.refresh());
    operations.onEnd(capabilities.wal()::ended);
    var parts =
        new Api.Parts(
            settings,
            capabilities.engines(),
            tokens,
            operations,
            store,
            runs,
            skipped,
            scheduler,
            capabilities.wal()::status);
    return new Wiring(capabilities, database, parts, snapshots);
  }

  /**
   * Where no restore may write: what is protected, where backups lie, and what the service itself
   * needs.
   */
  private static List<Path> reserved(LifeboatConfiguration configuration) {
    Settings settings = configuration.settings();
    var reserved = new ArrayList<Path>();
    reserved.add(configuration.file());
    reserved.addAll(Installation.of(settings).ownPlaces());
    String url = settings.database().url();
    if (url.startsWith(H2_FILE)) {
      Path file = Path.of(url.substring(H2_FILE.length()).split(";", 2)[0]).toAbsolutePath();
      reserved.add(file.resolveSibling(""));
    }
    for (SourceConfig source : settings.sources().values()) {
      if (source instanceof SourceConfig.Files files) {
        reserved.addAll(files.paths());
      }
    }
    return reserved;
  }

  Capabilities capabilities() {
    return capabilities;
  }

  ServiceDatabase database() {
    return database;
  }

  Api.Parts parts() {
    return parts;
  }

  KnownSnapshots snapshots() {
    return snapshots;
  }

  Metrics.Sources metrics(String version) {
    return new Metrics.Sources(
        parts.settings(),
        parts.store(),
        parts.skipped(),
        parts.scheduler(),
        snapshots,
        capabilities::scratchCount,
        capabilities.wal()::status,
        version);
  }
}
