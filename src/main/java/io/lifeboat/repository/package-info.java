/**
 * The repository: a signed commit log, packs of sealed chunks, trees, snapshots. {@code
 * docs/repository-format.md} is the normative text of every byte that is written here.
 */
@NullMarked
package io.lifeboat.repository;

import org.jspecify.annotations.NullMarked;
