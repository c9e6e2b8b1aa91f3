package io.lifeboat.operation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Marks a request that may come twice and must start its work once.
 *
 * @param requester whose key it is; keys of different requesters do not meet
 * @param payloadSha256 what was asked for, hashed, to tell a repetition from a mistake
 */
public record IdempotencyKey(String requester, String key, String payloadSha256) {
  /** A key with the hash of a request's kind and content. */
  public static IdempotencyKey of(String requester, String key, String payload) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(payload.getBytes(StandardCharsets.UTF_8));
      return new IdempotencyKey(requester, key, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
