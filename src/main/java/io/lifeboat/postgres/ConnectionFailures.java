package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a refused or broken connection means, told by SQLSTATE: the server's sentences are
 * translated, its codes are not.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 *     codes</a>
 */
final class ConnectionFailures {
  private ConnectionFailures() {}

  /** A connection for SQL could not be had, or a statement on it failed. */
  static LifeboatException ofSql(PostgresAddress address, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (hasCause(e, SSLException.class)) {
      return new PermanentException(
          ErrorCode.DATABASE_DENIED,
          "No TLS connection to PostgreSQL at " + address.place() + ": " + sentence(e),
          "Check sslmode and sslrootcert in the source's url, and the server's certificate.",
          e);
    }
    return switch (state) {
      case "28P01" ->
          new PermanentException(
              ErrorCode.DATABASE_DENIED,
              "PostgreSQL at "
                  + address.place()
                  + " does not accept the password of role '"
                  + address.user()
                  + "'",
              "Set password in the source's configuration to the role's password.",
              e);
      case "28000", "08004" ->
          new PermanentException(
              ErrorCode.DATABASE_DENIED,
              "PostgreSQL at "
                  + address.place()
                  + " refuses role '"
                  + address.user()
                  + "': "
                  + sentence(e),
              "Check that the role exists and may log in, that pg_hba.conf on the server has a line"
                  + " for it, and that url and password are right.",
              e);
      case "3D000" ->
          new PermanentException(
              ErrorCode.DATABASE_DENIED,
              "PostgreSQL at " + address.place() + " has no database '" + address.database() + "'",
              "Name an existing database in the source's url, for instance postgres.",
              e);
      case "42501" ->
          new PermanentException(
              ErrorCode.DATABASE_DENIED,
              "Role '"
                  + address.user()
                  + "' at "
                  + address.place()
                  + " lacks a right: "
                  + sentence(e),
              "Run lifeboat check: it names the rights that a backup needs, with the SQL to grant"
                  + " them.",
              e);
      case "53300" -> noCapacity(address, sentence(e), e);
      default -> isPassing(state) ? unreachable(address, e) : refused(address, e);
    };
  }

  /**
   * A connection for replication could not be had, though SQL by the same role works.
   *
   * @param client this machine's address as the server sees it
   */
  static LifeboatException ofReplication(PostgresAddress address, String client, SQLException e) {
    return switch (e.getSQLState()) {
      case "42501" -> roleLacksReplication(address, e);
      case "28000" ->
          new PermanentException(
              ErrorCode.REPLICATION_ROLE_MISSING,
              "PostgreSQL at "
                  + address.place()
                  + " lets role '"
                  + address.user()
                  + "' run SQL but not replicate: pg_hba.conf has no replication line for it",
              "Put this line first in pg_hba.conf on the server, then run SELECT pg_reload_conf(): "
                  + hbaLine(address, client),
              e);
      case null, default -> ofSql(address, e);
    };
  }

  /** The role is known not to have the REPLICATION attribute. */
  static PermanentException roleLacksReplication(
      PostgresAddress address, @Nullable SQLException cause) {
    String fact =
        "Role '" + address.user() + "' at " + address.place() + " lacks the REPLICATION attribute";
    String hint = "Run as a superuser: " + alterRole(address.user());
    return cause == null
        ? new PermanentException(ErrorCode.REPLICATION_ROLE_MISSING, fact, hint)
        : new PermanentException(ErrorCode.REPLICATION_ROLE_MISSING, fact, hint, cause);
  }

  /** The server has no room for one more session. */
  static TransientException noCapacity(
      PostgresAddress address, String sentence, @Nullable Throwable cause) {
    String fact = "PostgreSQL at " + address.place() + " has no room: " + sentence;
    String hint =
        "A backup needs one walsender, one replication slot and one connection: wait until others"
            + " end, or raise max_wal_senders, max_replication_slots or max_connections.";
    return cause == null
        ? new TransientException(ErrorCode.REPLICATION_CAPACITY_EXHAUSTED, fact, hint)
        : new TransientException(ErrorCode.REPLICATION_CAPACITY_EXHAUSTED, fact, hint, cause);
  }

  private static TransientException unreachable(PostgresAddress address, SQLException e) {
    return new TransientException(
        ErrorCode.DATABASE_UNREACHABLE,
        "PostgreSQL at " + address.place() + " does not serve: " + sentence(e),
        "Check that the server runs, that this machine reaches it, and that the source's url names"
            + " its host and port.",
        e);
  }

  private static PermanentException refused(PostgresAddress address, SQLException e) {
    return new PermanentException(
        ErrorCode.INTERNAL,
        "PostgreSQL at " + address.place() + " refuses a statement: " + sentence(e),
        "Tell Lifeboat's maintainers this message and the server's exact version.",
        e);
  }

  /** No answer, a lost session, a shutdown, a full disk, a time-out: SQLSTATE classes. */
  private static boolean isPassing(String state) {
    return state.isEmpty() || state.matches("(08|25|40|53|55|57|58).*");
  }

  static String alterRole(String user) {
    return "ALTER ROLE " + quoted(user) + " REPLICATION;";
  }

  private static String hbaLine(PostgresAddress address, String client) {
    String who = quoted(address.user());
    String mask = client.indexOf(':') >= 0 ? "/128" : "/32";
    return client.isEmpty()
        ? "local replication " + who + " scram-sha-256"
        : "host replication " + who + " " + client + mask + " scram-sha-256";
  }

  /** An identifier as SQL wants it. */
  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** What the server or the driver said, in one line. */
  static String sentence(Throwable e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return text.strip().replaceAll("\\s*\\R\\s*", " / ");
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
