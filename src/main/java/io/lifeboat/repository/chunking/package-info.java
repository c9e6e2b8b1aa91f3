/** Where a stream of bytes is cut into chunks. */
@NullMarked
package io.lifeboat.repository.chunking;

import org.jspecify.annotations.NullMarked;
