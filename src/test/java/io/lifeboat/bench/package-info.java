/**
 * What {@code scripts/bench} measures Lifeboat with: input from fixed seeds, an S3 server in a JVM
 * of its own, and a stream longer than any memory. Nothing here is a test: figures depend on the
 * machine, so no build fails by them.
 */
@NullMarked
package io.lifeboat.bench;

import org.jspecify.annotations.NullMarked;
