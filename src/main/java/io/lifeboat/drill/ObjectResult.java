package io.lifeboat.drill;

import io.lifeboat.restore.RestoreResult;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What came back.
 *
 * @param snapshot the one that led there
 * @param destination the file, or the new table and its server
 * @param rows how many, where they were counted
 * @param bytes written to the file, or sent to the server
 */
public record ObjectResult(
    String snapshot,
    RestoreResult.Recovery recovery,
    String destination,
    OptionalLong rows,
    long bytes,
    Duration took) {}
