/**
 * The thin client of {@code lifeboat wal-push}, which is started once for each segment and has a
 * small jar of its own. Uses nothing but the JDK and {@link io.lifeboat.wal.push}.
 */
@NullMarked
package io.lifeboat.app.push;

import org.jspecify.annotations.NullMarked;
