package io.lifeboat.repository;

/**
 * One chunk of a pack, as the footer lists it; its ordinal is its place in that list.
 *
 * @param slot which of the pack's slots its key comes from
 * @param offsetBytes where its sealed message starts in the pack
 */
record PackEntry(
    ChunkId chunk,
    int slot,
    ChunkType type,
    Codec codec,
    long offsetBytes,
    int sealedBytes,
    int plainBytes) {}
