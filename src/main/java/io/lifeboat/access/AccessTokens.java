package io.lifeboat.access;

import io.lifeboat.operation.OperationIds;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Bearer tokens: 256 random bits each. The database holds their SHA-256 only; against so many
 * random bits a slow password hash would add nothing. Thread-safe.
 */
public final class AccessTokens {
  private static final String PREFIX = "lbt_";
  private static final int TOKEN_BYTES = 32;

  private final Jdbi jdbi;
  private final Clock clock;
  private final SecureRandom random;
  private final OperationIds ids;

  /** Works on a database whose schema is there. */
  public AccessTokens(Jdbi jdbi, Clock clock, SecureRandom random) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.random = random;
    ids = new OperationIds(clock, random);
  }

  /**
   * Makes the first token.
   *
   * @return its text, which is shown this once, or empty if there are tokens already
   */
  public Optional<String> issueFirst() {
    return jdbi.inTransaction(handle -> {
      long known = handle.createQuery("select count(*) from access_token").mapTo(Long.class).one();
      if (known > 0) {
        return Optional.empty();
      }
      byte[] secret = new byte[TOKEN_BYTES];
      random.nextBytes(secret);
      String text = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
      handle.execute(
          "insert into access_token values (?, ?, ?, ?)",
          ids.next("tok_"),
          "first",
          HexFormat.of().formatHex(sha256(text)),
          clock.millis());
      return Optional.of(text);
    });
  }

  /**
   * Whose token this is; empty for one that is not known. Takes as long for a near miss as for any
   * other.
   */
  public Optional<Caller> authenticate(String text) {
    byte[] shown = sha256(text);
    var known =
        jdbi.withHandle(handle ->
            handle
                .createQuery("select name, sha256 from access_token")
                .map((row, context) ->
                    new Known(row.getString(1), HexFormat.of().parseHex(row.getString(2))))
                .list());
    Optional<Caller> caller = Optional.empty();
    for (Known token : known) {
      if (MessageDigest.isEqual(token.sha256(), shown)) {
        caller = Optional.of(new Caller(token.name()));
      }
    }
    return caller;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Known(String name, byte[] sha256) {}

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
