package io.lifeboat.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.app.ServiceDatabase;
import io.lifeboat.config.Settings;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessTokensTest {
  @Test
  void onlyTheFirstTokenIsIssuedByItselfAndOnlyItsHashIsKept() {
    String url = "jdbc:h2:mem:tokens;DB_CLOSE_DELAY=-1";
    try (var database =
        ServiceDatabase.open(new Settings.Database(url, Optional.empty(), Optional.empty()))) {
      var tokens = new AccessTokens(database.jdbi(), Clock.systemUTC(), new SecureRandom());
      assertThat(tokens.authenticate("")).isEmpty();

      String token = tokens.issueFirst().orElseThrow();

      assertThat(token).matches("lbt_[A-Za-z0-9_-]{43}");
      assertThat(tokens.issueFirst()).isEmpty();
      assertThat(tokens.authenticate(token)).contains(new Caller("first"));
      assertThat(tokens.authenticate(token.substring(1))).isEmpty();
      assertThat(tokens.authenticate(token + "a")).isEmpty();
      String stored =
          database
              .jdbi()
              .withHandle(handle ->
                  handle.createQuery("select sha256 from access_token").mapTo(String.class).one());
      assertThat(stored).hasSize(64).doesNotContain(token);
    }
  }
}
