package io.lifeboat.telemetry;

import com.codahale.metrics.health.HealthCheck;
import io.lifeboat.config.Settings;
import io.lifeboat.error.LifeboatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
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
        Path folder = configuration.resolveSibling("");
        return settings
            .keys()
            .recovery()
            .filter(Files::exists)
            .filter(kit -> kit.startsWith(folder))
            .map(kit ->
                Result.healthy(
                    "The recovery kit %s lies beside the configuration: whoever takes this"
                        + " machine can read every backup. Print it, and take recovery-kit.txt"
                        + " away from here unless this node restores or drills.",
                    kit))
            .orElseGet(Result::healthy);
      }
    };
  }
}
