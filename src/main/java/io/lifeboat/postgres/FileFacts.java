package io.lifeboat.postgres;

/**
 * What a file's contents were found to be.
 *
 * @param sha256 SHA-256 of the contents, 32 bytes; not copied
 */
public record FileFacts(long sizeBytes, byte[] sha256) {}
