/**
 * Objects in an S3 bucket. The only package that knows the AWS SDK: settings that every server
 * tried understands, one loop of retries that keeps an unclear put apart from a refused one, and
 * errors that say which field of the configuration to look at.
 */
@NullMarked
package io.lifeboat.store.s3;

import org.jspecify.annotations.NullMarked;
