/** Who may talk to the service: bearer tokens, of which only hashes are kept. */
@NullMarked
package io.lifeboat.access;

import org.jspecify.annotations.NullMarked;
