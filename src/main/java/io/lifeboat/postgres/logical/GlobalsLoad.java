package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates the source's roles that a server does not have. Those that it has, their passwords and
 * their memberships, and its tablespaces, are left as they are. For one thread.
 */
public final class GlobalsLoad implements AutoCloseable {
  private static final String IDENTIFIER = "(\"(?:[^\"]|\"\")+\"|[^\\s\"]+)";
  private static final Pattern OF_ROLE =
      Pattern.compile("(?:CREATE|ALTER|COMMENT ON) ROLE " + IDENTIFIER + ".*", Pattern.DOTALL);
  private static final Pattern MEMBERSHIP =
      Pattern.compile("GRANT " + IDENTIFIER + " TO " + IDENTIFIER + ".*", Pattern.DOTALL);

  private final TargetDatabase target;
  private final Set<String> existing;
  private final LoadSession session;
  private final List<LoadProblem> problems = new ArrayList<>();

  /** Into this server. */
  public GlobalsLoad(TargetDatabase target) {
    this.target = target;
    this.existing = target.roles();
    this.session = LoadSession.open(target.maintenance());
  }

  /** Runs one statement, if it is about a role that was not there. */
  public void statement(String sql) {
    Matcher role = OF_ROLE.matcher(sql);
    Matcher membership = MEMBERSHIP.matcher(sql);
    boolean wanted =
        role.matches() && isNew(role.group(1))
            || membership.matches() && isNew(membership.group(2));
    if (wanted) {
      try {
        session.execute(sql);
      } catch (SQLException e) {
        // A statement about a role may hold its password: only its beginning is told.
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String about = role.matches() ? "about role " + role.group(1) : sql;
        problems.add(LoadProblem.of(state, String.valueOf(e.getMessage()), about));
      }
    }
  }

  private boolean isNew(String identifier) {
    String name =
        identifier.startsWith("\"")
            ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
            : identifier;
    return !existing.contains(name);
  }

  /**
   * All statements were run.
   *
   * @throws PermanentException {@code LOAD_INCOMPLETE} if some were refused
   */
  public void requireSound() {
    if (!problems.isEmpty()) {
      throw new PermanentException(
          ErrorCode.LOAD_INCOMPLETE,
          "Roles could not be created at "
              + target.server().address().place()
              + ": "
              + String.join("; ", problems.stream().map(LoadProblem::sentence).toList()),
          "Create what is named yourself, or load with --no-owner and without --globals.");
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
