package io.lifeboat.telemetry;

import com.codahale.metrics.health.HealthCheck;
import io.lifeboat.config.Settings;
import io.lifeboat.error.LifeboatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** The health checks that the admin port shows. */
public final class Health {
  private static final int SECONDS_TO_ANSWER = 5;

  private Health() {}

  /** Whether the service's database answers. */
  public static HealthCheck database(DataSource dataSource) {
    return new HealthCheck() {
      @Override
      protected Result check() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
          return connection.isValid(SECONDS_TO_ANSWER)
              ? Result.healthy()
              : Result.unhealthy("the database does not answer");
        }
      }
    };
  }

  /** Whether a repository answers. */
  public static HealthCheck repository(Runnable probe) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        try {
          probe.run();
          return Result.healthy();
        } catch (LifeboatException e) {
          return Result.unhealthy("%s: %s %s", e.code(), e.getMessage(), e.hint());
        }
      }
    };
  }

  /** Healthy in any case, but says so when the key that reads all backups lies around. */
  public static HealthCheck recoveryKit(Settings settings, Path configuration) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        return kitWarning(settings, configuration)
            .map(warning -> Result.healthy("%s", warning))
            .orElseGet(Result::healthy);
      }
    };
  }

  /**
   * What to tell whoever runs this node about the recovery kit on it: a sentence while it lies
   * beside the configuration, or while this node backs up by schedule.
   */
  public static Optional<String> kitWarning(Settings settings, Path configuration) {
    Path folder = configuration.resolveSibling("");
    boolean backsUp =
        settings.plans().values().stream().anyMatch(plan -> plan.schedule().isPresent());
    return settings
        .keys()
        .recovery()
        .filter(Files::exists)
        .filter(kit -> backsUp || kit.startsWith(folder))
        .map(kit ->
            "The recovery kit "
                + kit
                + " lies "
                + (backsUp ? "on a node that backs up" : "beside the configuration")
                + ": whoever takes this machine can read every backup. Print it, and take "
                + kit.getFileName()
                + " away from here unless this node restores or drills.");
  }
}
