package io.lifeboat.repository;

/**
 * The contents of a file that was written.
 *
 * @param sha256 SHA-256 of all bytes, holes as zeros: 32 bytes
 */
public record StoredContent(Content content, byte[] sha256) {}
