package io.lifeboat.access;

import java.security.Principal;

/**
 * Somebody who showed a valid token.
 *
 * @param name the token's name, not a secret
 */
public record Caller(String name) implements Principal {
  @Override
  public String getName() {
    return name;
  }
}
