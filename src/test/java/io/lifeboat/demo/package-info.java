/**
 * What {@code scripts/demo} needs around Lifeboat: a shop on a real PostgreSQL server, a folder of
 * artifacts, an S3 server, and the memory of what was in them, so that after their destruction a
 * restore can be held against it. Also used by the test of the runbooks. Knows Lifeboat only from
 * outside: the command line does the work.
 */
@NullMarked
package io.lifeboat.demo;

import org.jspecify.annotations.NullMarked;
