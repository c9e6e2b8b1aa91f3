package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the log keeps of a drill: enough to say how far a snapshot is proven, and for how long that
 * counts.
 *
 * @param terms what it was proven by; none in entries of before there were any
 */
public record DrillSummary(
    String drill,
    String snapshot,
    String verdict,
    String level,
    Instant at,
    @JacksonInject(value = DrillSummary.NO_TERMS, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Terms> terms) {
  /** The name that {@link Json} knows the terms of a drill by that has none. */
  static final String NO_TERMS = "no terms";

  /** A drill that says no more than what it found. */
  public DrillSummary(String drill, String snapshot, String verdict, String level, Instant at) {
    this(drill, snapshot, verdict, level, at, Optional.empty());
  }

  /**
   * What a drill proved its snapshot by: once one of these is another, the proof is one of what
   * was.
   *
   * @param planDigest of what the plan asked for, in hexadecimal
   * @param keys fingerprints of the recovery identities that it was read with
   * @param image the container's with its digest; empty where there was none
   * @param server what the scratch's server, or its platform, says of itself; empty if there was no
   *     scratch
   * @param validUntil when the proof ages out; empty where the plan does not say
   * @param snapshotAt when the snapshot was started
   * @param rtoMillis from the request to the last check
   * @param sizeBytes what the restore wrote
   */
  public record Terms(
      String plan,
      String planDigest,
      List<String> keys,
      String image,
      String server,
      Optional<Instant> validUntil,
      Instant snapshotAt,
      long rtoMillis,
      long sizeBytes) {
    /** Copies the list. */
    public Terms {
      keys = List.copyOf(keys);
    }
  }
}
