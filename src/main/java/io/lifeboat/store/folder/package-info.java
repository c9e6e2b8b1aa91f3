/**
 * Objects as files of a folder. A put writes and syncs a temporary file, then publishes it with a
 * hard link: the one call of a file system that creates a name for finished contents and fails if
 * the name is taken.
 */
@NullMarked
package io.lifeboat.store.folder;

import org.jspecify.annotations.NullMarked;
