package io.lifeboat.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code WalFigures DATABASE SERVICE TOKEN PLAN WORK SECONDS [PGBENCH]}: how far a running
 * service's stream of WAL keeps up with a server that does some work: {@code behind} (nothing;
 * until the service has all that the server has), {@code bulk} (rows are inserted in bulk and
 * thrown away), {@code moves} (what pgbench does, by that program if it is named) or {@code idle}.
 */
public final class WalFigures {
  private static final Duration EACH = Duration.ofSeconds(1);
  private static final int BULK_ROWS = 50_000;
  private static final int CLIENTS = 2;

  private final String database;
  private final HttpRequest request;
  private final String plan;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper mapper = new ObjectMapper();
  private volatile boolean ended;

  private WalFigures(String database, String service, String token, String plan) {
    this.database = database;
    this.plan = plan;
    this.request =
        HttpRequest.newBuilder(URI.create(service + "/v1/wal"))
            .header("Authorization", "Bearer " + token)
            .build();
  }

  /** Measures and prints {@code key=value} pairs on one line. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 6 || arguments.length > 7) {
      throw new IllegalArgumentException(
          "usage: WalFigures DATABASE SERVICE TOKEN PLAN WORK SECONDS [PGBENCH]");
    }
    var figures = new WalFigures(arguments[0], arguments[1], arguments[2], arguments[3]);
    Duration time = Duration.ofSeconds(Long.parseLong(arguments[5]));
    switch (arguments[4]) {
      case "behind" -> figures.behind(time);
      case "bulk" -> figures.sample(time, figures.clients(figures::bulk));
      case "moves" ->
          figures.sample(
              time,
              arguments.length == 7
                  ? figures.pgbench(Path.of(arguments[6]), time)
                  : figures.clients(figures::moves));
      case "idle" -> figures.sample(time, List.of());
      default -> throw new IllegalArgumentException("There is no work '" + arguments[4] + "'");
    }
  }

  /** What a client does on its connection, until it is told to stop. */
  private interface Work {
    void run(Statement statement) throws SQLException;
  }

  private void behind(Duration atMost) throws Exception {
    long end = lsn(ask("SELECT pg_current_wal_lsn()"));
    long beginNanos = System.nanoTime();
    while (!stream().has("durable") || lsn(stream().path("durable").asText()) < end) {
      if (System.nanoTime() - beginNanos > atMost.toNanos()) {
        throw new IllegalStateException("It does not catch up: " + stream());
      }
      Thread.sleep(20);
    }
    System.out.printf(
        Locale.ROOT, "millis=%d end=%d%n", (System.nanoTime() - beginNanos) / 1_000_000, end);
  }

  private void sample(Duration time, List<Thread> workers) throws Exception {
    long beginNanos = System.nanoTime();
    long written = -lsn(ask("SELECT pg_current_wal_lsn()"));
    long stored = -lsn(stream().path("durable").asText());
    workers.forEach(Thread::start);
    var longest = Duration.ZERO;
    var all = Duration.ZERO;
    int samples = 0;
    while (System.nanoTime() - beginNanos < time.toNanos()) {
      Thread.sleep(EACH);
      JsonNode stream = stream();
      Duration age =
          Duration.between(Instant.parse(stream.path("recoveryPoint").asText()), Instant.now());
      longest = age.compareTo(longest) > 0 ? age : longest;
      all = all.plus(age);
      samples++;
    }
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    written += lsn(ask("SELECT pg_current_wal_lsn()"));
    JsonNode stream = stream();
    stored += lsn(stream.path("durable").asText());
    ended = true;
    for (Thread worker : workers) {
      worker.join();
    }
    System.out.printf(
        Locale.ROOT,
        "written=%d stored=%d millis=%d ageMillis=%d meanAgeMillis=%d state=%s spoolBytes=%d%n",
        written,
        stored,
        Math.round(seconds * 1000),
        longest.toMillis(),
        all.toMillis() / samples,
        stream.path("state").asText(),
        stream.path("spoolBytes").asLong());
  }

  private List<Thread> clients(Work work) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      threads.add(
          Thread.ofPlatform()
              .unstarted(() -> {
                try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                  work.run(statement);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    return threads;
  }

  private void bulk(Statement statement) throws SQLException {
    String table = "bulk_" + Thread.currentThread().threadId();
    statement.execute("CREATE TABLE " + table + " (LIKE pgbench_accounts)");
    while (!ended) {
      int from = ThreadLocalRandom.current().nextInt(BULK_ROWS);
      // In a transaction of its own: what is emptied in the one that made it is not logged.
      statement.execute(
          "INSERT INTO "
              + table
              + " SELECT * FROM pgbench_accounts WHERE aid BETWEEN "
              + from
              + " AND "
              + (from + BULK_ROWS));
      statement.execute("TRUNCATE " + table);
    }
    statement.execute("DROP TABLE " + table);
  }

  private void moves(Statement statement) throws SQLException {
    statement.getConnection().setAutoCommit(false);
    int branches = Integer.parseInt(ask("SELECT count(*) FROM pgbench_branches"));
    var random = ThreadLocalRandom.current();
    while (!ended) {
      int aid = random.nextInt(1, branches * 100_000);
      int tid = random.nextInt(1, branches * 10);
      int bid = random.nextInt(1, branches + 1);
      int delta = random.nextInt(-5000, 5001);
      for (String text :
          List.of(
              "UPDATE pgbench_accounts SET abalance = abalance + %1$d WHERE aid = %2$d",
              "UPDATE pgbench_tellers SET tbalance = tbalance + %1$d WHERE tid = %3$d",
              "UPDATE pgbench_branches SET bbalance = bbalance + %1$d WHERE bid = %4$d",
              "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)"
                  + " VALUES (%3$d, %4$d, %2$d, %1$d, CURRENT_TIMESTAMP)")) {
        statement.execute(text.formatted(delta, aid, tid, bid));
      }
      statement.getConnection().commit();
    }
  }

  private List<Thread> pgbench(Path program, Duration time) {
    return List.of(
        Thread.ofPlatform()
            .unstarted(() -> {
              try {
                int status =
                    new ProcessBuilder(
                            program.toString(),
                            "--no-vacuum",
                            "--client=" + CLIENTS,
                            "--time=" + time.toSeconds(),
                            database)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
                if (status != 0) {
                  throw new IllegalStateException(program + " ended with " + status);
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }));
  }

  private JsonNode stream() throws Exception {
    var answer = client.send(request, BodyHandlers.ofString());
    return mapper.readTree(answer.body()).path("streams").path(plan);
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + database.replace("postgres@", "") + "?user=postgres");
  }

  private String ask(String query) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  /** {@code high/low} in hexadecimal. */
  private static long lsn(String text) {
    String[] halves = text.split("/");
    return Long.parseLong(halves[0], 16) << 32 | Long.parseLong(halves[1], 16);
  }
}
