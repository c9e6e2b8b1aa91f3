package io.lifeboat.postgres;

/**
 * How a server cuts relations.
 *
 * @param pageBytes of a page
 * @param segmentPages how many a file has at most; the next ones are in the fork's next file
 */
record PageLayout(int pageBytes, long segmentPages) {}
