package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;

/**
 * A session of the replication protocol. The driver connects and authenticates (TLS, SCRAM and all
 * else it knows); then the messages are spoken raw on its stream, because the driver itself cannot
 * run {@code BASE_BACKUP}: it takes the first result set for the end of the command.
 *
 * <p>Closing while a command runs cuts the connection: the server ends the command, its walsender
 * and every temporary slot. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming
 *     replication protocol</a>
 */
public final class ReplicationConnection implements AutoCloseable {
  private static final String UPLOAD_MANIFEST = "UPLOAD_MANIFEST";

  private final Connection connection;
  private final ServerMessages messages;
  private boolean idle = true;

  private ReplicationConnection(Connection connection, ServerMessages messages) {
    this.connection = connection;
    this.messages = messages;
  }

  /**
   * Who answers.
   *
   * @param systemIdentifier unsigned, as decimal text
   */
  public record SystemIdentity(String systemIdentifier, int timeline, Lsn writtenUpTo) {}

  /**
   * Connects.
   *
   * @throws io.lifeboat.error.LifeboatException {@code DATABASE_UNREACHABLE}, {@code
   *     DATABASE_DENIED}, {@code REPLICATION_ROLE_MISSING}, {@code REPLICATION_CAPACITY_EXHAUSTED}
   *     or {@code DATABASE_TOO_OLD}
   */
  public static ReplicationConnection open(PostgresAddress address, Progress progress) {
    return open(address, ReplicationPurpose.BASE_BACKUP, progress);
  }

  /**
   * Connects to stream WAL. Failures of the session have code {@code WAL_STREAM_FAILED}, or {@code
   * WAL_REMOVED} where the server has no longer what it is asked for.
   *
   * @throws io.lifeboat.error.LifeboatException as {@link #open} does
   */
  public static ReplicationConnection openForWal(PostgresAddress address) {
    return open(address, ReplicationPurpose.WAL, Progress.none());
  }

  private static ReplicationConnection open(
      PostgresAddress address, ReplicationPurpose purpose, Progress progress) {
    Properties properties = address.driverProperties();
    properties.setProperty("replication", "true");
    // A walsender of this kind takes simple queries only, and not those that the driver would send
    // to servers that it takes for older ones.
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "9.4");
    properties.setProperty("socketTimeout", "60");
    Connection connection;
    try {
      connection = new org.postgresql.Driver().connect(address.driverUrl(), properties);
    } catch (SQLException e) {
      throw ConnectionFailures.ofReplication(address, clientAddress(address), e);
    }
    if (connection == null) {
      throw new IllegalStateException("The driver refuses its own URL");
    }
    try {
      BaseConnection session = connection.unwrap(BaseConnection.class);
      SourceCheck.requireVersion(address, session.getQueryExecutor().getServerVersionNum());
      PGStream stream = streamOf((QueryExecutorBase) session.getQueryExecutor());
      return new ReplicationConnection(
          connection, new ServerMessages(stream, address, purpose, progress));
    } catch (SQLException e) {
      abort(connection);
      throw ConnectionFailures.ofSql(address, e);
    } catch (RuntimeException e) {
      abort(connection);
      throw e;
    }
  }

  /** If not even SQL works, its failure is the one to tell. */
  private static String clientAddress(PostgresAddress address) {
    return new PostgresServer(address)
        .sql(connection -> PostgresServer.value(connection, "SELECT host(inet_client_addr())"))
        .orElse("");
  }

  /** Asks the server who it is. */
  public SystemIdentity identifySystem() {
    List<String> row = query("IDENTIFY_SYSTEM", "IDENTIFY_SYSTEM").getFirst();
    return new SystemIdentity(row.get(0), Integer.parseInt(row.get(1)), Lsn.parse(row.get(2)));
  }

  /**
   * Makes the server keep all WAL from now on, until this session ends. Without it a backup that
   * takes longer than {@code max_wal_size} lasts could find the WAL it needs recycled.
   */
  public void holdWal() {
    // The backend's number makes the name unique among living sessions, and so among such slots.
    String name = "lifeboat_" + backendNumber();
    query(
        "CREATE_REPLICATION_SLOT",
        "CREATE_REPLICATION_SLOT \"" + name + "\" TEMPORARY PHYSICAL RESERVE_WAL");
  }

  /** Makes a physical slot that keeps WAL from now on. */
  public void createSlot(String name) {
    query(
        "CREATE_REPLICATION_SLOT", "CREATE_REPLICATION_SLOT \"" + name + "\" PHYSICAL RESERVE_WAL");
  }

  /** Removes a slot that nobody uses. */
  public void dropSlot(String name) {
    query("DROP_REPLICATION_SLOT", "DROP_REPLICATION_SLOT \"" + name + "\"");
  }

  /** Where a physical slot stands: empty if there is none, or it keeps nothing. */
  public Optional<SlotPosition> readSlot(String name) {
    List<String> row =
        query("READ_REPLICATION_SLOT", "READ_REPLICATION_SLOT \"" + name + "\"").getFirst();
    return row.get(1).isEmpty() || row.get(2).isEmpty()
        ? Optional.empty()
        : Optional.of(new SlotPosition(Integer.parseInt(row.get(2)), Lsn.parse(row.get(1))));
  }

  /**
   * Where a slot stands.
   *
   * @param restart the server keeps all WAL from here on
   */
  public record SlotPosition(int timeline, Lsn restart) {}

  /** The file {@code <timeline>.history}, byte by byte; empty if the server has none. */
  public Optional<byte[]> timelineHistory(int timeline) {
    start("TIMELINE_HISTORY", "TIMELINE_HISTORY " + timeline);
    messages.expect('T');
    // The server describes the row before it looks whether it has the file.
    char type = messages.nextOr(error -> error.sqlState().equals(ServerError.MISSING_FILE));
    Optional<byte[]> file = type == 'D' ? Optional.of(row().get(1)) : Optional.empty();
    if (type != 'D' && type != 'E') {
      throw messages.unexpected("message '" + type + "' where its row belongs");
    }
    finishOr("");
    return file;
  }

  /**
   * Begins to stream.
   *
   * @param slot a physical one that nobody else uses
   * @param start where the first byte is wanted; must not be ahead of the server
   * @param timeline one of the server's history
   */
  public WalStream streamWal(String slot, Lsn start, int timeline) {
    start(
        "START_REPLICATION",
        "START_REPLICATION SLOT \"" + slot + "\" PHYSICAL " + start + " TIMELINE " + timeline);
    return WalStream.begin(this, messages);
  }

  /** Runs a command that answers with at most one table. */
  List<List<String>> query(String name, String command) {
    start(name, command);
    List<List<String>> rows = List.of();
    while (true) {
      char type = messages.next();
      switch (type) {
        case 'T' -> rows = readRows();
        case 'C', 'I' -> {}
        case 'Z' -> {
          idle = true;
          return rows;
        }
        default -> throw messages.unexpected("message '" + type + "'");
      }
    }
  }

  /** The messages of the command that runs. */
  ServerMessages messages() {
    return messages;
  }

  /** Sends a command whose answer the caller reads, up to {@link #finishOr}. */
  void start(String name, String command) {
    if (!idle) {
      throw new IllegalStateException("A command is still running on this connection");
    }
    idle = false;
    messages.query(name, command);
  }

  /** The next thing must be a whole table. */
  List<List<String>> readTable() {
    messages.expect('T');
    return readRows();
  }

  /**
   * The next thing must be a whole table, or an error that is tolerated: then there is none, and
   * the command has ended.
   */
  Optional<List<List<String>>> readTableOr(Predicate<ServerError> tolerated) {
    char type = messages.nextOr(tolerated);
    if (type == 'E') {
      messages.expect('Z');
      idle = true;
      return Optional.empty();
    }
    if (type != 'T') {
      throw messages.unexpected("message '" + type + "' where a table belongs");
    }
    return Optional.of(readRows());
  }

  /**
   * Reads up to the server's readiness for the next command.
   *
   * @param tolerated the SQLSTATE of an error that the command may end with
   * @return whether it did
   */
  boolean finishOr(String tolerated) {
    Predicate<ServerError> isTolerated = error -> error.sqlState().equals(tolerated);
    boolean failed = false;
    for (char type = messages.nextOr(isTolerated);
        type != 'Z';
        type = messages.nextOr(isTolerated)) {
      if (type != 'C' && type != 'E') {
        throw messages.unexpected("message '" + type + "' at its end");
      }
      failed = failed || type == 'E';
    }
    idle = true;
    return failed;
  }

  /**
   * Gives the server a parent's manifest, for a {@code BASE_BACKUP (INCREMENTAL)} in this session.
   *
   * @param refused hears why the server does not take it
   */
  void uploadManifest(byte[] manifest, Predicate<ServerError> refused) {
    start(UPLOAD_MANIFEST, UPLOAD_MANIFEST);
    boolean sent = false;
    while (true) {
      char type = messages.nextOr(refused);
      switch (type) {
        case 'G' -> {
          if (sent) {
            throw messages.unexpected("a second wish for a copy");
          }
          messages.rest();
          messages.copy(UPLOAD_MANIFEST, manifest);
          sent = true;
        }
        case 'C', 'E' -> {}
        case 'Z' -> {
          idle = true;
          return;
        }
        default -> throw messages.unexpected("message '" + type + "'");
      }
    }
  }

  /** The rows after a row description, up to and with their CommandComplete. Null becomes empty. */
  List<List<String>> readRows() {
    var rows = new ArrayList<List<String>>();
    for (char type = messages.next(); type != 'C'; type = messages.next()) {
      if (type != 'D') {
        throw messages.unexpected("message '" + type + "' within a table");
      }
      rows.add(row().stream().map(value -> new String(value, StandardCharsets.UTF_8)).toList());
    }
    return rows;
  }

  private List<byte[]> row() {
    ByteBuffer body = ByteBuffer.wrap(messages.rest());
    int columns = body.getShort();
    var row = new ArrayList<byte[]>(columns);
    for (int column = 0; column < columns; column++) {
      byte[] value = new byte[Math.max(body.getInt(), 0)];
      body.get(value);
      row.add(value);
    }
    return row;
  }

  private int backendNumber() {
    try {
      return connection.unwrap(BaseConnection.class).getQueryExecutor().getBackendPID();
    } catch (SQLException e) {
      throw new IllegalStateException("The driver is not PostgreSQL's", e);
    }
  }

  /** The driver keeps its stream to itself; no public way leads there. */
  private static PGStream streamOf(QueryExecutorBase executor) {
    try {
      Field field = QueryExecutorBase.class.getDeclaredField("pgStream");
      field.setAccessible(true);
      return (PGStream) field.get(executor);
    } catch (ReflectiveOperationException e) {
      throw new PermanentException(
          ErrorCode.INTERNAL,
          "This version of the PostgreSQL driver hides its stream",
          "Build Lifeboat with the driver's version that its pom.xml names.",
          e);
    }
  }

  @Override
  public void close() {
    if (!idle) {
      abort(connection);
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      // The driver has let go of the socket already; what it could not say was goodbye.
      abort(connection);
    }
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new IllegalStateException("The driver cannot let go of a connection", e);
    }
  }
}
