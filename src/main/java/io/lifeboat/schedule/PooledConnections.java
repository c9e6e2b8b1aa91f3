package io.lifeboat.schedule;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.quartz.utils.ConnectionProvider;

/**
 * Gives Quartz connections of the pool that the whole service shares; the pool is not Quartz's to
 * open or close.
 */
final class PooledConnections implements ConnectionProvider {
  private final DataSource pool;

  PooledConnections(DataSource pool) {
    this.pool = pool;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public void shutdown() {}

  @Override
  public void initialize() {}
}
