package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresProgramsTest {
  private static final int MAJOR = 97;

  @TempDir Path folder;

  @Test
  void aFolderIsTakenWithAndWithoutItsBin() throws Exception {
    program(folder.resolve("bin"), "postgres", "postgres (PostgreSQL) 97.3 (Debian 97.3-1)");
    program(folder.resolve("bin"), "psql", "");
    for (Path given : new Path[] {folder, folder.resolve("bin")}) {
      PostgresPrograms found = PostgresPrograms.find(MAJOR, Optional.of(given), "");
      assertThat(found.version()).isEqualTo("97.3");
      assertThat(found.psql()).contains(folder.resolve("bin/psql"));
      assertThat(found.pgAmcheck()).isEmpty();
    }
  }

  @Test
  void thePathIsSearchedForTheRightVersion() throws Exception {
    program(folder.resolve("old"), "postgres", "postgres (PostgreSQL) 12.1");
    program(folder.resolve("new"), "postgres", "postgres (PostgreSQL) 97beta1");
    String searchPath = "relative:" + folder.resolve("old") + ":" + folder.resolve("new");
    PostgresPrograms found = PostgresPrograms.find(MAJOR, Optional.empty(), searchPath);
    assertThat(found.folder()).isEqualTo(folder.resolve("new"));
    assertThat(found.version()).isEqualTo("97beta1");
  }

  @Test
  void whatIsMissingIsNamedWithWhereItWasLookedFor() throws Exception {
    program(folder, "postgres", "postgres (PostgreSQL) 12.1");
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class, () -> PostgresPrograms.find(MAJOR, Optional.of(folder), ""));
    assertThat(failure.code()).isEqualTo(ErrorCode.PROGRAMS_MISSING);
    assertThat(failure).hasMessageContaining("97").hasMessageContaining("12.1");
    assertThat(failure.hint()).contains(folder.toString()).contains("drill.programs");
  }

  @Test
  void anotherProgramOfThatNameIsRefused() throws Exception {
    program(folder, "postgres", "a poster, 97");
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class, () -> PostgresPrograms.find(MAJOR, Optional.of(folder), ""));
    assertThat(failure.code()).isEqualTo(ErrorCode.PROGRAMS_MISSING);
    assertThat(failure).hasMessageContaining("a poster, 97");
  }

  private static void program(Path folder, String name, String says) throws IOException {
    Path program = Files.createDirectories(folder).resolve(name);
    Files.writeString(program, "#!/bin/sh\necho '" + says + "'\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
