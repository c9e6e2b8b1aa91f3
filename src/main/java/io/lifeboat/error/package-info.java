/** Failures with a stable code, a hint and a runbook: the only exceptions that leave an engine. */
@NullMarked
package io.lifeboat.error;

import org.jspecify.annotations.NullMarked;
