package io.lifeboat.repository;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * What a repository needs of its surroundings.
 *
 * @param spool a folder for sealed packs on their way to the store; made if absent
 * @param compressionLevel of zstd
 */
public record RepositoryEnvironment(
    SecureRandom random, Clock clock, Path spool, int compressionLevel) {}
