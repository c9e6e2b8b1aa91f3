package io.lifeboat.repository;

import java.util.Optional;

/**
 * The contents of a file that was written.
 *
 * @param sha256 SHA-256 of all bytes, holes as zeros: 32 bytes; empty if not all of them went by,
 *     as in a {@link ContentOverlay}
 */
public record StoredContent(Content content, Optional<byte[]> sha256) {}
