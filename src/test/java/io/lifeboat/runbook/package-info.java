/**
 * Runs the runbooks: each block that is marked, exactly as it stands, in one shell, on real
 * servers; and makes sure that steps which verify do fail when they should. What the marks mean is
 * written in {@code runbooks/README.md}.
 */
@NullMarked
package io.lifeboat.runbook;

import org.jspecify.annotations.NullMarked;
