/**
 * One model for every long piece of work: state, phases, events, log, and the history of them in
 * the service's database.
 */
@NullMarked
package io.lifeboat.operation;

import org.jspecify.annotations.NullMarked;
