/**
 * Artifact trees as a source: a walk in a fixed order over the configured paths, and the contents
 * of each file with its holes. What cannot be read, or changes while it is read, is told, never
 * passed over in silence.
 */
@NullMarked
package io.lifeboat.files;

import org.jspecify.annotations.NullMarked;
