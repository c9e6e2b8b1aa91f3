package io.lifeboat.app;

import io.lifeboat.config.Secret;
import io.lifeboat.config.Settings;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.apache.tomcat.jdbc.pool.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;

/** The service's own database, with its schema brought up to date: history, schedules, tokens. */
public final class ServiceDatabase implements AutoCloseable {
  private static final String H2 = "jdbc:h2:";
  private static final String H2_FILE = "jdbc:h2:file:";
  private static final String H2_ASYNC = "jdbc:h2:async:";
  private static final int CONNECTIONS = 16;

  private final DataSource dataSource;

  private ServiceDatabase(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Connects and migrates.
   *
   * @throws PermanentException with code {@code SERVICE_DATABASE_UNAVAILABLE}
   */
  public static ServiceDatabase open(Settings.Database settings) {
    var pool = new PoolProperties();
    pool.setUrl(url(settings.url()));
    pool.setUsername(settings.user().orElse("lifeboat"));
    pool.setPassword(settings.password().map(Secret::reveal).orElse(""));
    // None before somebody asks: the pool would log what it also throws.
    pool.setInitialSize(0);
    pool.setMinIdle(0);
    pool.setMaxActive(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setTestOnBorrow(true);
    pool.setValidationQuery("select 1");
    pool.setRollbackOnReturn(true);
    pool.setJmxEnabled(false);
    var dataSource = new DataSource(pool);
    try {
      pool.setDriverClassName(DriverManager.getDriver(pool.getUrl()).getClass().getName());
      dataSource.createPool();
      Flyway.configure()
          .dataSource(dataSource)
          .locations("classpath:db/migration")
          .load()
          .migrate();
      return new ServiceDatabase(dataSource);
    } catch (SQLException | FlywayException e) {
      dataSource.close(true);
      throw new PermanentException(
          ErrorCode.SERVICE_DATABASE_UNAVAILABLE,
          "The service's database " + settings.url() + " cannot be used: " + firstLine(e),
          "Check database.url; an H2 file serves one service at a time, so end the other one"
              + " first.",
          e);
    }
  }

  /** For those who bring their own SQL. */
  public javax.sql.DataSource dataSource() {
    return dataSource;
  }

  /** For history and access. */
  public Jdbi jdbi() {
    return Jdbi.create(dataSource);
  }

  @Override
  public void close() {
    dataSource.close(true);
  }

  /**
   * H2 waits half a second before it writes, closes itself when the process ends, and loses its
   * file when a thread is interrupted in the middle of a write. But what was answered must be on
   * disk, the last thing that a stopping service writes is how its work ended, and a stop
   * interrupts.
   */
  private static String url(String url) {
    if (!url.startsWith(H2)) {
      return url;
    }
    var complete =
        new StringBuilder(
            url.startsWith(H2_FILE) ? H2_ASYNC + url.substring(H2_FILE.length()) : url);
    for (String option : new String[] {"WRITE_DELAY=0", "DB_CLOSE_ON_EXIT=FALSE"}) {
      String name = option.substring(0, option.indexOf('='));
      if (!url.toUpperCase(java.util.Locale.ROOT).contains(";" + name + "=")) {
        complete.append(';').append(option);
      }
    }
    return complete.toString();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
