package io.lifeboat.drill;

/**
 * One assertion of a drill and what came of it.
 *
 * @param meaning what a failure of this check means, as a sentence
 * @param detail what was expected and what was found, or why it was skipped
 */
public record CheckResult(
    String id, ProofLevel level, Verdict result, String meaning, String detail) {}
