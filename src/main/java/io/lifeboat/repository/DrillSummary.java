package io.lifeboat.repository;

import java.time.Instant;

/** What the log keeps of a drill: enough to say how far a snapshot is proven. */
public record DrillSummary(
    String drill, String snapshot, String verdict, String level, Instant at) {}
