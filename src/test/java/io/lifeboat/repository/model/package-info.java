/**
 * The model check of the protocol by which writers commit and maintainers prune: log, index, prune
 * and upload again. It explores every order of steps of a small world, and shows for each rule of
 * the protocol what is lost without it. {@code docs/repository-format.md} has the result.
 *
 * <p><b>State</b> ({@link io.lifeboat.repository.model.State}): which packs the store holds and
 * which its index segments name; the entries of the log; puts that are still under way though their
 * clients gave up; what each actor remembers. A pack is a number and the chunks in it, of which
 * there are two. Contents are always right: a pack's name is the hash of its bytes, which other
 * tests hold.
 *
 * <p><b>Steps.</b> One request to the store, or one reading of the log to its tip, is a step;
 * reading counts as one because the log only grows, so it is the answer "no such entry" at its end
 * that counts.
 *
 * <ul>
 *   <li>A {@link io.lifeboat.repository.model.Writer} reads the log, reads the index, chooses for
 *       each chunk a pack of the index or a new one, puts new packs, puts a segment, and tries to
 *       append until it succeeds or is refused. At each step it may crash and start anew.
 *   <li>A {@link io.lifeboat.repository.model.Pruner} forgets, condemns, sweeps and repacks, each
 *       from any point: there is no clock, so a sweep may follow its condemn at once, by another
 *       maintainer.
 *   <li>A {@link io.lifeboat.repository.model.Deleter} stands for all who still have to delete.
 *   <li>A {@link io.lifeboat.repository.model.Reader} restores a snapshot chunk by chunk.
 *   <li>The {@link io.lifeboat.repository.model.Network}: any put may end without an answer, and
 *       take effect at once, at any later time (after its author's retry, end or crash), or never.
 * </ul>
 *
 * <p>Whoever pauses for ever is covered, since a state is judged whatever follows.
 *
 * <p><b>Invariants</b> are in {@link io.lifeboat.repository.model.Invariant}, rules in {@link
 * io.lifeboat.repository.model.Rule}. <b>Bounds</b> are in {@link
 * io.lifeboat.repository.model.Setup}: runs, puts without answer, entries. Within them the search
 * is complete; beyond them it shows nothing.
 *
 * <p><b>Reductions</b>: two pruners are interchangeable, and an actor whose slot is taken remembers
 * only that. A test compares with a search that has neither.
 */
@NullMarked
package io.lifeboat.repository.model;

import org.jspecify.annotations.NullMarked;
