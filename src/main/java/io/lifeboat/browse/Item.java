package io.lifeboat.browse;

import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;

/** An entry of a snapshot and where it is. */
public record Item(RestorePath path, Node node) {}
