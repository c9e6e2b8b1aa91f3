/**
 * Seeded mutation of valid input: {@link io.lifeboat.fuzz.Mutations} makes bad input of good,
 * {@link io.lifeboat.fuzz.Fuzz} holds parsers to what they promise. The tests lie beside what they
 * test.
 */
@NullMarked
package io.lifeboat.fuzz;

import org.jspecify.annotations.NullMarked;
