/**
 * Object stores: where a repository's objects lie. The port, its contract, and the adapters for S3
 * and a folder.
 */
@NullMarked
package io.lifeboat.store;

import org.jspecify.annotations.NullMarked;
