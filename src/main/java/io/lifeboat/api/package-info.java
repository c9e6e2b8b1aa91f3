/**
 * The REST API under {@code /v1}: every long action answers 202 with an operation, every error is a
 * problem of RFC 9457, every path wants a bearer token. Resources translate; what they call
 * decides.
 */
@NullMarked
package io.lifeboat.api;

import org.jspecify.annotations.NullMarked;
