package io.lifeboat.drill.scratch;

import io.lifeboat.drill.scratch.PostgresScratch.Access;
import java.time.Duration;
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
    String options =
        SessionOptions.of(access, limit).stream()
            .map(option -> "-c " + option)
            .collect(Collectors.joining(" "));
    DockerEngine.Output output =
        engine.run(
            container,
            List.of(
                "env",
                "PGDATABASE="
                    + database, // -d would read a name with = in it as a connection string
                "PGUSER=" + user,
                "PGHOST=" + socketFolder,
                "PGAPPNAME=lifeboat drill",
                "PGCLIENTENCODING=UTF8",
                "PGOPTIONS=" + options,
                programs.path("psql"),
                "--no-psqlrc",
                "--quiet",
                "--no-password",
                "--no-align",
                "--tuples-only",
                "--field-separator=" + FIELD_END,
                "--record-separator=" + ROW_END,
                "--pset=null=" + NULL,
                "--set=VERBOSITY=verbose",
                "--set=SHOW_ALL_RESULTS=off",
                "--command=" + sql));
    return output.status() == 0 ? rows(output.out()) : refused(output);
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
