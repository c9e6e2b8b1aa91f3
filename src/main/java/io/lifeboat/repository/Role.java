package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What a registered key may do in the log. The admin key may do everything. */
public enum Role {
  /** Backs up and drills: its domains, snapshots and evidence count. */
  @JsonProperty("write")
  WRITE,
  /** Decides what is kept and cleans up: its entries about that count. */
  @JsonProperty("maintain")
  MAINTAIN;

  /** As the log names it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
