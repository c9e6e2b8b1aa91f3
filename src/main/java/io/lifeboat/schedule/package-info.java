/**
 * Plans and repositories on a clock. When one is due is computed with {@code java.time} ({@code
 * FireTimes}); Quartz only keeps the next instant in the service's database and calls at that time.
 *
 * <p>A run that is due while the same run still waits or works is skipped, and a plan may say that
 * what was due while the service was down is skipped too. Each skip is recorded with its reason.
 */
@NullMarked
package io.lifeboat.schedule;

import org.jspecify.annotations.NullMarked;
