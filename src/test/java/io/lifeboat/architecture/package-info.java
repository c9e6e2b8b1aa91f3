/**
 * The shape of the code, held by tests: which package may use which, who owns each third-party
 * library, and how things are named. Think before changing a rule here; it usually is the code that
 * should move.
 */
@NullMarked
package io.lifeboat.architecture;

import org.jspecify.annotations.NullMarked;
