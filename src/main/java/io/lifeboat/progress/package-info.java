/**
 * How an engine tells what it is doing and hears that it should stop, without knowing who listens.
 */
@NullMarked
package io.lifeboat.progress;

import org.jspecify.annotations.NullMarked;
