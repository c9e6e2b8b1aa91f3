/**
 * Which snapshots are kept, and the removal of what nobody needs any more. Decided from the store's
 * time of a snapshot's log entry and from who signed it, never from what a backup host says the
 * time is: whoever takes such a host can add snapshots, but not make old ones go.
 */
@NullMarked
package io.lifeboat.retention;

import org.jspecify.annotations.NullMarked;
