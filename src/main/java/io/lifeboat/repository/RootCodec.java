package io.lifeboat.repository;

/**
 * The bytes of a snapshot's root record: {@code version u8 (1) || bytes info || bytes facts ||
 * node}, where info and facts are JSON and the node is the root folder, named {@code root}.
 */
final class RootCodec {
  private static final int VERSION = 1;

  private RootCodec() {}

  static byte[] encode(SnapshotRoot root) {
    var out = new Encoder().u8(VERSION).text(Json.write(root.info())).text(root.facts());
    TreeCodec.encode(root.tree(), out);
    return out.done();
  }

  static SnapshotRoot decode(byte[] bytes, String where) {
    var in = new Decoder(bytes, where);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of a root record: " + version);
    }
    SnapshotInfo info = Json.read(in.text(), SnapshotInfo.class, where);
    String facts = in.text();
    Node tree = TreeCodec.node(in);
    in.end();
    if (!(tree instanceof Node.Directory directory)) {
      throw in.broken("its root is not a folder");
    }
    return new SnapshotRoot(info, facts, directory);
  }
}
