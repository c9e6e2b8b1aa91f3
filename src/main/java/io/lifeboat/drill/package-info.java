/** Proving that a snapshot restores: scratch, checks, verdicts, evidence. */
@NullMarked
package io.lifeboat.drill;

import org.jspecify.annotations.NullMarked;
