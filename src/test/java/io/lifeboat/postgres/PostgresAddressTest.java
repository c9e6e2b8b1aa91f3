package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.config.Secret;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresAddressTest {
  @Test
  void everyPartOfAUrlIsTaken() {
    PostgresAddress address =
        PostgresAddress.parse(
            "postgresql://life%40boat@db_1.example:6432/my%20shop?sslmode=verify-full&sslrootcert=system",
            Optional.of(new Secret("swordfish")));

    assertThat(address.host()).isEqualTo("db_1.example");
    assertThat(address.port()).isEqualTo(6432);
    assertThat(address.user()).isEqualTo("life@boat");
    assertThat(address.database()).isEqualTo("my shop");
    assertThat(address.driverUrl()).isEqualTo("jdbc:postgresql://db_1.example:6432/my%20shop");
    assertThat(address.driverProperties())
        .containsEntry("user", "life@boat")
        .containsEntry("password", "swordfish")
        .containsEntry("sslmode", "verify-full")
        .containsEntry("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory")
        .doesNotContainKey("sslrootcert");
  }

  @Test
  void thePortIsPostgresqlsByDefault() {
    assertThat(PostgresAddress.parse("postgres://u@h/d", Optional.empty()).port()).isEqualTo(5432);
  }

  @Test
  void anAddressOfTheSixthVersionKeepsItsBrackets() {
    PostgresAddress address = PostgresAddress.parse("postgresql://u@[::1]:1/d", Optional.empty());
    assertThat(address.host()).isEqualTo("::1");
    assertThat(address.driverUrl()).isEqualTo("jdbc:postgresql://[::1]:1/d");
  }

  @Test
  void aUnixSocketIsNamedAsLibpqNamesIt() {
    PostgresAddress address =
        PostgresAddress.parse("postgresql://u@/d?host=/run/postgresql", Optional.empty());
    assertThat(address.socketFolder()).contains(Path.of("/run/postgresql"));
    assertThat(address.driverProperties())
        .containsEntry("socketFactoryArg", "/run/postgresql/.s.PGSQL.5432");
  }

  @Test
  void thePasswordIsNeverShown() {
    PostgresAddress address =
        PostgresAddress.parse("postgresql://u@h/d", Optional.of(new Secret("swordfish")));
    assertThat(address + address.place() + address.driverUrl() + address.password())
        .doesNotContain("swordfish");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mysql://u@h/d                       | postgresql://
          not a url                           | is not a URL
          postgresql://h/d                    | names no user
          postgresql://u@/d                   | names no host
          postgresql://u@h                    | names no database
          postgresql://u@h/                   | names no database
          postgresql://u@h1,h2/d              | several hosts
          postgresql://u@h:70000/d            | port '70000'
          postgresql://u@h:x/d                | port 'x'
          postgresql://u@h/d?sslmod=require   | 'sslmod'
          postgresql://u@h/d?sslmode=maybe    | sslmode=maybe
          postgresql://u@h/d?host=elsewhere   | host=elsewhere
          postgresql://u:swordfish@h/d        | holds a password
          postgresql://u@h/d?password=swordfish | holds a password
          postgresql://u:sword fish@h/d       | is not a URL
          """)
  void whatIsWrongWithAUrlIsNamed(String url, String named) {
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class, () -> PostgresAddress.parse(url, Optional.empty()));
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(failure).hasMessageContaining(named).hasMessageContaining("url");
    assertThat(failure.getMessage() + failure.hint())
        .doesNotContain("swordfish")
        .doesNotContain(" fish");
  }
}
