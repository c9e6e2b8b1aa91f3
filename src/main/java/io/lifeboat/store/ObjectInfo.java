package io.lifeboat.store;

import java.time.Instant;

/**
 * What a store knows of an object without reading it.
 *
 * @param name relative to the store's prefix
 * @param sizeBytes its length
 * @param storedAt when the store says it was written: the store's clock, not a writer's
 */
public record ObjectInfo(String name, long sizeBytes, Instant storedAt) {}
