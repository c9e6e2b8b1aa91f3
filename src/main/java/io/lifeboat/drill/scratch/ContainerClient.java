package io.lifeboat.drill.scratch;

import io.lifeboat.drill.scratch.PostgresScratch.Access;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Asks the server in a container, by running {@code psql} beside it. */
final class ContainerClient {
  private static final String FIELD_END =
      "\u001f"; // the control characters that ASCII has for this
  private static final String ROW_END = "\u001e";
  private static final String NULL = "\u001anull";
  private static final Pattern ERROR =
      Pattern.compile("(?:ERROR|FATAL|PANIC):\\s+([0-9A-Z]{5}): (.*)");
  private static final int MOST_ROWS = 1000;

  private final DockerEngine engine;
  private final String container;
  private final ContainerPrograms programs;
  private final String socketFolder;
  private final String user;

  ContainerClient(
      DockerEngine engine,
      String container,
      ContainerPrograms programs,
      String socketFolder,
      String user) {
    this.engine = engine;
    this.container = container;
    this.programs = programs;
    this.socketFolder = socketFolder;
    this.user = user;
  }

  SqlOutcome query(String database, String sql, Access access, Duration limit) {
    List<String> command =
        new ArrayList<>(
            psql(
                database,
                access,
                limit,
                "--tuples-only",
                "--field-separator=" + FIELD_END,
                "--record-separator=" + ROW_END,
                "--pset=null=" + NULL,
                "--set=SHOW_ALL_RESULTS=off"));
    command.add("--command=" + sql);
    DockerEngine.Output output = engine.run(container, command);
    return output.status() == 0 ? rows(output.out()) : refused(output);
  }

  private List<String> psql(String database, Access access, Duration limit, String... options) {
    List<String> command = new ArrayList<>(environment(database, access, limit));
    command.addAll(
        List.of(
            programs.path("psql"),
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--no-align",
            "--set=VERBOSITY=verbose"));
    command.addAll(List.of(options));
    return command;
  }

  private List<String> environment(String database, Access access, Duration limit) {
    String options =
        SessionOptions.of(access, limit).stream()
            .map(option -> "-c " + option)
            .collect(Collectors.joining(" "));
    return List.of(
        "env",
        "PGDATABASE=" + database, // -d would read a name with = in it as a connection string
        "PGUSER=" + user,
        "PGHOST=" + socketFolder,
        "PGAPPNAME=lifeboat drill",
        "PGCLIENTENCODING=UTF8",
        "PGOPTIONS=" + options);
  }

  /** The rows are counted by another query: nothing writes to the copy between the two. */
  long copyOut(String database, String sql, OutputStream out) {
    List<String> command = new ArrayList<>(psql(database, Access.OWN, Extraction.LIMIT));
    command.add("--command=" + sql);
    written(engine.run(container, command, out));
    String rows = sql.substring(sql.indexOf('('), sql.lastIndexOf(") TO STDOUT") + 1);
    return switch (query(
        database, "select count(*) from " + rows + " t", Access.OWN, Extraction.LIMIT)) {
      case SqlOutcome.Rows found -> Long.parseLong(found.rows().getFirst().getFirst().orElse("0"));
      case SqlOutcome.Refused refused -> throw Extraction.refused(refused.message());
    };
  }

  void dump(String database, List<String> options, OutputStream out) {
    List<String> command = new ArrayList<>(environment(database, Access.OWN, Extraction.LIMIT));
    command.addAll(List.of(programs.path("pg_dump"), "--no-password"));
    command.addAll(options);
    written(engine.run(container, command, out));
  }

  private static void written(DockerEngine.Output output) {
    if (output.status() != 0) {
      throw Extraction.refused(output.err().strip());
    }
  }

  private static SqlOutcome rows(String out) {
    String text = out.endsWith("\n") ? out.substring(0, out.length() - 1) : out;
    if (out.isEmpty()) {
      return new SqlOutcome.Rows(List.of());
    }
    return new SqlOutcome.Rows(
        Arrays.stream(text.split(ROW_END, -1)).limit(MOST_ROWS).map(ContainerClient::row).toList());
  }

  private static List<Optional<String>> row(String text) {
    return Arrays.stream(text.split(FIELD_END, -1))
        .map(value -> value.equals(NULL) ? Optional.<String>empty() : Optional.of(value))
        .toList();
  }

  private static SqlOutcome refused(DockerEngine.Output output) {
    Matcher error = ERROR.matcher(output.err());
    return error.find()
        ? new SqlOutcome.Refused(error.group(1), error.group(2).strip())
        : new SqlOutcome.Refused(stateOf(output.err()), output.err().strip());
  }

  /** A refused connection has no SQLSTATE in psql's words. */
  private static String stateOf(String message) {
    return message.contains("does not exist") ? "3D000" : "08006";
  }
}
