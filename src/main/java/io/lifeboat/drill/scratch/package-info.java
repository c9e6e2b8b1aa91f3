/**
 * Throw-away, isolated places that a drill restores to. Each is written into a {@link
 * io.lifeboat.drill.scratch.Ledger} before it exists and struck out once it is proven gone, so that
 * whatever a killed process leaves behind is known by name; the {@link
 * io.lifeboat.drill.scratch.Janitor} removes that and nothing else. A PostgreSQL scratch is a
 * container without a network or local programs on a private socket; both answer the same
 * questions.
 */
@NullMarked
package io.lifeboat.drill.scratch;

import org.jspecify.annotations.NullMarked;
