package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;

/**
 * The bytes of a snapshot's root record: {@code version u8 (1) || domain key 32 || bytes info ||
 * bytes facts || node}, where info and facts are JSON and the node is the root folder, named {@code
 * root}.
 *
 * <p>The domain key is here, too, so that a snapshot needs nothing of the log but its own entry.
 */
final class RootCodec {
  private static final int VERSION = 1;

  private RootCodec() {}

  /** A root record. */
  record Root(SnapshotRoot snapshot, DomainKey domain) {}

  static byte[] encode(Root root) {
    var out =
        new Encoder()
            .u8(VERSION)
            .raw(root.domain().secretBytes())
            .text(Json.write(root.snapshot().info()))
            .text(root.snapshot().facts());
    TreeCodec.encode(root.snapshot().tree(), out);
    byte[] bytes = out.done();
    if (bytes.length > ChunkLimits.MAXIMUM_BYTES) {
      throw new IllegalStateException("A root record of " + bytes.length + " bytes fits no chunk");
    }
    return bytes;
  }

  static Root decode(byte[] bytes, String where) {
    var in = new Decoder(bytes, where);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of a root record: " + version);
    }
    var domain = new DomainKey(in.raw(DomainKey.KEY_BYTES));
    SnapshotInfo info = Json.read(in.text(), SnapshotInfo.class, where);
    String facts = in.text();
    Node tree = TreeCodec.node(in);
    in.end();
    if (!(tree instanceof Node.Directory directory)) {
      throw in.broken("its root is not a folder");
    }
    return new Root(new SnapshotRoot(info, facts, directory), domain);
  }
}
