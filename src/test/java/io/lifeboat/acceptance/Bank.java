package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.SourceCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What pgbench does: moves money between accounts, tellers and branches, and writes each move down.
 * Whatever happens, the four sums are equal.
 */
final class Bank implements AutoCloseable {
  private static final int BRANCHES = 5;
  private static final int ACCOUNTS = 20_000;

  private final SourceCluster server;
  private final List<Move> moves = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean ended;

  /** A moment between two. */
  static Instant between(Random random, Instant from, Instant to) {
    return from.plusMillis(random.nextLong(Math.max(1, Duration.between(from, to).toMillis())));
  }

  private Bank(SourceCluster server) {
    this.server = server;
  }

  /** A move of money that was acknowledged, and when it was begun and known to be committed. */
  record Move(long id, Instant begun, Instant acknowledged) {}

  static void found(SourceCluster server) {
    server.sql(
        "CREATE TABLE branches (id int PRIMARY KEY, balance bigint NOT NULL)",
        "CREATE TABLE tellers (id int PRIMARY KEY, balance bigint NOT NULL)",
        "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL, filler char(84))",
        "CREATE TABLE moves (id bigserial PRIMARY KEY, delta int NOT NULL)",
        "INSERT INTO branches SELECT n, 0 FROM generate_series(1, " + BRANCHES + ") n",
        "INSERT INTO tellers SELECT n, 0 FROM generate_series(1, " + 10 * BRANCHES + ") n",
        "INSERT INTO accounts SELECT n, 0, '' FROM generate_series(1, " + ACCOUNTS + ") n",
        "VACUUM",
        "CHECKPOINT");
  }

  /** Clients begin to move money, each on a connection of its own. */
  static Bank open(SourceCluster server, int clients) {
    var bank = new Bank(server);
    for (int client = 0; client < clients; client++) {
      bank.clients.add(Thread.ofPlatform().start(bank::work));
    }
    return bank;
  }

  private void work() {
    var random = new Random();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:" + server.url().replace("postgres@", "") + "?user=postgres");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!ended) {
        move(connection, statement, random);
      }
    } catch (SQLException | RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private void move(Connection connection, Statement statement, Random random) throws SQLException {
    Instant begun = Instant.now();
    int delta = random.nextInt(10_001) - 5_000;
    add(statement, "accounts", 1 + random.nextInt(ACCOUNTS), delta);
    add(statement, "tellers", 1 + random.nextInt(10 * BRANCHES), delta);
    add(statement, "branches", 1 + random.nextInt(BRANCHES), delta);
    try (ResultSet row =
        statement.executeQuery("INSERT INTO moves (delta) VALUES (" + delta + ") RETURNING id")) {
      row.next();
      long id = row.getLong(1);
      connection.commit();
      moves.add(new Move(id, begun, Instant.now()));
    }
  }

  private static void add(Statement statement, String table, int id, int delta)
      throws SQLException {
    statement.executeUpdate(
        "UPDATE " + table + " SET balance = balance + " + delta + " WHERE id = " + id);
  }

  /** Ends the work; answers all moves that were acknowledged. */
  List<Move> close(boolean serverLives) throws InterruptedException {
    ended = true;
    for (Thread client : clients) {
      client.join();
    }
    if (serverLives) {
      assertThat(failure.get()).isNull();
    }
    return List.copyOf(moves);
  }

  @Override
  public void close() throws InterruptedException {
    close(false);
  }

  /**
   * Holds a copy against what was acknowledged: sums are equal, every move is there that was
   * committed by then, and none that began later.
   */
  static void requireAsOf(SourceCluster copy, List<Move> all, Instant then, String what) {
    assertThat(
            copy.ask(
                "SELECT (SELECT sum(balance) FROM accounts) = (SELECT sum(delta) FROM moves)"
                    + " AND (SELECT sum(balance) FROM tellers) = (SELECT sum(delta) FROM moves)"
                    + " AND (SELECT sum(balance) FROM branches) = (SELECT sum(delta) FROM moves)"))
        .as("balances, %s", what)
        .isEqualTo("t");
    Set<Long> there = new HashSet<>();
    for (String id : copy.ask("SELECT string_agg(id::text, ',') FROM moves").split(",")) {
      there.add(Long.valueOf(id));
    }
    assertThat(
            all.stream()
                .filter(one -> one.acknowledged().isBefore(then) && !there.contains(one.id())))
        .as("committed by then and missing, %s", what)
        .isEmpty();
    assertThat(all.stream().filter(one -> one.begun().isAfter(then) && there.contains(one.id())))
        .as("begun later and there, %s", what)
        .isEmpty();
  }

  /** The longest time between two moments in which no move was acknowledged. */
  static Duration longestPause(List<Move> all, Instant from, Instant to) {
    List<Instant> moments = new ArrayList<>(List.of(from));
    all.stream()
        .map(Move::acknowledged)
        .filter(moment -> moment.isAfter(from) && moment.isBefore(to))
        .sorted()
        .forEach(moments::add);
    moments.add(to);
    Duration longest = Duration.ZERO;
    for (int i = 1; i < moments.size(); i++) {
      Duration pause = Duration.between(moments.get(i - 1), moments.get(i));
      longest = pause.compareTo(longest) > 0 ? pause : longest;
    }
    return longest;
  }
}
