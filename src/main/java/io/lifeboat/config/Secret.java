package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonCreator;

/** A text that must not appear in logs, messages or answers; only {@link #reveal()} shows it. */
public final class Secret {
  private final String text;

  /** Wraps a secret text. */
  @JsonCreator
  public Secret(String text) {
    this.text = text;
  }

  /** The text itself. */
  public String reveal() {
    return text;
  }

  @Override
  public String toString() {
    return "********";
  }
}
