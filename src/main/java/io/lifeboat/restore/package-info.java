/** Bringing a snapshot back: the walk over its tree, and the targets that it is written to. */
@NullMarked
package io.lifeboat.restore;

import org.jspecify.annotations.NullMarked;
