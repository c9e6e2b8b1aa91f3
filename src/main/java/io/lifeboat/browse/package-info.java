/** Looking into snapshots without restoring them: listing, finding, comparing, and archives. */
@NullMarked
package io.lifeboat.browse;

import org.jspecify.annotations.NullMarked;
