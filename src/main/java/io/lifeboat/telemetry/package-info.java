/**
 * What monitoring reads: metrics in Prometheus' text format, and health checks. Everything is
 * computed from the history and the snapshots when it is asked for, so that a restart changes
 * nothing.
 */
@NullMarked
package io.lifeboat.telemetry;

import org.jspecify.annotations.NullMarked;
