/**
 * Taking a backup: a source is read once, in order, into a snapshot. No HTTP, no scheduler, no
 * database in here.
 */
@NullMarked
package io.lifeboat.backup;

import org.jspecify.annotations.NullMarked;
