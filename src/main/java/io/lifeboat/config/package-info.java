/**
 * What {@code config.yml} says, as records: sources, repositories, plans. Data and its checks only;
 * the engines take these records, the application binds them.
 */
@NullMarked
package io.lifeboat.config;

import org.jspecify.annotations.NullMarked;
