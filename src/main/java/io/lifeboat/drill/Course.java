package io.lifeboat.drill;

import io.lifeboat.progress.Progress;

/** What a drill that is under way writes down. */
record Course(CheckLog checks, Phases phases, Progress progress) {}
