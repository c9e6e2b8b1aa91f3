/**
 * What is said over the socket between {@code archive_command} and the service. Uses nothing but
 * the JDK: it is started once for each segment.
 */
@NullMarked
package io.lifeboat.wal.push;

import org.jspecify.annotations.NullMarked;
