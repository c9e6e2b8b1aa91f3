/**
 * One model for every long piece of work: state, phases, events, and the history of them in the
 * service's database. {@code OperationService} queues and runs it, never two of one source or of
 * repositories at a time; {@code PlanRuns} says what a backup, a drill or a restore is, {@code
 * RepositoryRuns} what a prune or a verification is; {@code OperationStore} keeps what became of
 * it. That a drill ran to its end is the operation's success; what it found is its verdict. A
 * verification that finds problems has failed.
 */
@NullMarked
package io.lifeboat.operation;

import org.jspecify.annotations.NullMarked;
