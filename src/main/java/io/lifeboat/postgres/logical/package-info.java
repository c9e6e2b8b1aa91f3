/**
 * Databases of a server as a source that asks for no right to replicate, and as what a load brings
 * back. {@link io.lifeboat.postgres.logical.DatabaseSnapshot} holds one database still; {@link
 * io.lifeboat.postgres.logical.DumpProgram} lets {@code pg_dump} write its definitions down as SQL;
 * {@link io.lifeboat.postgres.logical.ParallelRows} reads its rows with several {@code COPY} at
 * once, as {@link io.lifeboat.postgres.logical.RowParts parts} of a few megabytes. On the way back
 * {@link io.lifeboat.postgres.logical.DatabaseLoad} runs the one and feeds the other, and compares
 * what is there with {@link io.lifeboat.postgres.logical.DatabaseContents}.
 */
@NullMarked
package io.lifeboat.postgres.logical;

import org.jspecify.annotations.NullMarked;
