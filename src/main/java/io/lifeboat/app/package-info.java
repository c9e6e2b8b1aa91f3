/**
 * Where everything meets: the command line, the service's start and stop, and {@code Wiring}, the
 * only composition root.
 */
@NullMarked
package io.lifeboat.app;

import org.jspecify.annotations.NullMarked;
