package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of PostgreSQL is in a container.
 *
 * @param paths program names and where they are
 * @param version of the server, such as {@code 15.18}
 * @param uid of the container's user, who must own the data directory
 */
record ContainerPrograms(Map<String, String> paths, String version, int major, int uid, int gid) {
  private static final Pattern VERSION =
      Pattern.compile("postgres \\(PostgreSQL\\) (([0-9]+)[^\\s]*).*");

  /** One line for each program that is there, then the version, then user and group. */
  private static final String SEARCH =
      "for name in postgres psql pg_dump pg_verifybackup pg_waldump; do"
          + " for path in \"$(command -v $name)\" /usr/lib/postgresql/*/bin/$name"
          + " /usr/pgsql-*/bin/$name /usr/local/bin/$name /opt/*/postgresql/bin/$name; do"
          + " if [ -x \"$path\" ]; then echo \"program $name $path\"; break; fi; done; done;"
          + " echo \"user $(id -u) $(id -g)\"";

  ContainerPrograms {
    paths = Map.copyOf(paths);
  }

  static ContainerPrograms find(DockerEngine engine, String container, String image) {
    Map<String, String> paths = new TreeMap<>();
    int uid = -1;
    int gid = -1;
    for (String line : engine.run(container, List.of("sh", "-c", SEARCH)).out().lines().toList()) {
      String[] fields = line.split(" ", 3);
      if (fields.length == 3 && fields[0].equals("program")) {
        paths.put(fields[1], fields[2]);
      } else if (fields.length == 3 && fields[0].equals("user")) {
        uid = Integer.parseInt(fields[1]);
        gid = Integer.parseInt(fields[2]);
      }
    }
    String server = Optional.ofNullable(paths.get("postgres")).orElse("");
    if (server.isEmpty() || !paths.containsKey("psql") || uid <= 0) {
      throw unusable(image, "it has no postgres, no psql or no ordinary user");
    }
    String said = engine.run(container, List.of(server, "--version")).out().strip();
    Matcher version = VERSION.matcher(said);
    if (!version.matches()) {
      throw unusable(image, "its server says \"" + said + "\" of itself");
    }
    return new ContainerPrograms(
        paths, version.group(1), Integer.parseInt(version.group(2)), uid, gid);
  }

  boolean has(String program) {
    return paths.containsKey(program);
  }

  String path(String program) {
    return Optional.ofNullable(paths.get(program)).orElse(program);
  }

  private static PermanentException unusable(String image, String reason) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "The image " + image + " is no PostgreSQL server's: " + reason,
        "Name an image such as postgres:18 as drill.image.");
  }
}
