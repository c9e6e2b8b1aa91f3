/**
 * What a store can and cannot do, found out by trying: for an operator who is about to entrust
 * backups to it.
 */
@NullMarked
package io.lifeboat.store.probe;

import org.jspecify.annotations.NullMarked;
