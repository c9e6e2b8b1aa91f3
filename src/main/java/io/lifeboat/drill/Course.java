package io.lifeboat.drill;

import io.lifeboat.progress.Progress;

/**
 * What a drill that is under way writes down.
 *
 * @param sabotage what is done to its copy on purpose
 */
record Course(CheckLog checks, Phases phases, Progress progress, Sabotage sabotage) {}
