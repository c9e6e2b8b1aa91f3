package io.lifeboat.repository;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of trees.
 *
 * <pre>
 * listing := version u8 (1) || node*                                   ascending by name, to the end
 * node    := kind u8 || bytes name || varint mode || varint uid || varint gid || bytes user || bytes group
 *            || signed modified seconds || varint modified nanoseconds || body
 * body    := content                                                   kind 1: directory; its listing
 *          | varint link group || sha256 32 || content                 kind 2: regular file
 *          | bytes target                                              kind 3: symbolic link
 *          | varint link group || content                               kind 4: regular file whose hash is not known
 * content := 0 || varint size || varint count || extent*               inline
 *          | 1 || varint size || content                               indirect: an inline content that holds extent*
 * extent  := 0 || varint length                                        hole
 *          | 1 || chunk id 32 || varint offset || varint length        part of a chunk
 * </pre>
 */
final class TreeCodec {
  private static final int VERSION = 1;
  private static final int DIRECTORY = 1;
  private static final int REGULAR_FILE = 2;
  private static final int SYMLINK = 3;
  private static final int UNHASHED_FILE = 4;
  private static final int HASH_BYTES = 32;
  private static final int NANOS = 999_999_999;

  private TreeCodec() {}

  static byte[] listing(List<? extends Node> sorted) {
    var out = new Encoder().u8(VERSION);
    sorted.forEach(node -> encode(node, out));
    return out.done();
  }

  static List<Node> parseListing(byte[] bytes, String where) {
    var in = new Decoder(bytes, where);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of a directory listing: " + version);
    }
    var nodes = new ArrayList<Node>();
    while (in.hasMore()) {
      Node node = node(in);
      if (!nodes.isEmpty() && nodes.getLast().name().compareTo(node.name()) >= 0) {
        throw in.broken("names are not in ascending order");
      }
      nodes.add(node);
    }
    return nodes;
  }

  static void encode(Node node, Encoder out) {
    int kind =
        switch (node) {
          case Node.Directory d -> DIRECTORY;
          case Node.RegularFile f -> f.sha256().isPresent() ? REGULAR_FILE : UNHASHED_FILE;
          case Node.Symlink s -> SYMLINK;
        };
    Attributes a = node.attributes();
    out.u8(kind)
        .bytes(node.name().bytes())
        .varint(a.mode())
        .varint(Integer.toUnsignedLong(a.uid()))
        .varint(Integer.toUnsignedLong(a.gid()))
        .text(a.user())
        .text(a.group())
        .signed(a.modifiedAt().getEpochSecond())
        .varint(a.modifiedAt().getNano());
    switch (node) {
      case Node.Directory directory -> content(directory.listing(), out);
      case Node.RegularFile file -> {
        out.varint(file.linkGroup());
        file.sha256().ifPresent(out::raw);
        content(file.content(), out);
      }
      case Node.Symlink link -> out.bytes(link.target());
    }
  }

  static Node node(Decoder in) {
    int kind = in.u8();
    FileName name = name(in);
    Attributes attributes =
        new Attributes(
            in.intUpTo(07777),
            (int) in.varintUpTo(0xffff_ffffL),
            (int) in.varintUpTo(0xffff_ffffL),
            in.text(),
            in.text(),
            time(in));
    return switch (kind) {
      case DIRECTORY -> new Node.Directory(name, attributes, content(in));
      case REGULAR_FILE -> {
        long group = in.varint();
        Optional<byte[]> hash = Optional.of(in.raw(HASH_BYTES));
        yield new Node.RegularFile(name, attributes, content(in), hash, group);
      }
      case UNHASHED_FILE -> {
        long group = in.varint();
        yield new Node.RegularFile(name, attributes, content(in), Optional.empty(), group);
      }
      case SYMLINK -> new Node.Symlink(name, attributes, target(in));
      default -> throw in.broken("unknown kind of entry: " + kind);
    };
  }

  private static FileName name(Decoder in) {
    try {
      return FileName.of(in.bytes());
    } catch (IllegalArgumentException e) {
      throw in.broken(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] target(Decoder in) {
    byte[] target = in.bytes();
    boolean zero = false;
    for (byte b : target) {
      zero |= b == 0;
    }
    if (zero || target.length == 0) {
      throw in.broken("a symbolic link's target is empty or has a zero byte");
    }
    return target;
  }

  private static Instant time(Decoder in) {
    long seconds = in.signed();
    if (seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond()) {
      throw in.broken("a time is out of range: " + seconds);
    }
    return Instant.ofEpochSecond(seconds, in.intUpTo(NANOS));
  }

  static void content(Content content, Encoder out) {
    switch (content) {
      case Content.Inline inline -> {
        out.u8(0).varint(inline.sizeBytes()).varint(inline.extents().size());
        inline.extents().forEach(extent -> extent(extent, out));
      }
      case Content.Indirect indirect -> {
        out.u8(1).varint(indirect.sizeBytes());
        content(indirect.extentList(), out);
      }
    }
  }

  static Content content(Decoder in) {
    int form = in.u8();
    return switch (form) {
      case 0 -> inline(in);
      case 1 -> {
        long size = in.varintUpTo(Long.MAX_VALUE);
        if (in.u8() != 0) {
          throw in.broken("an extent list is indirect itself");
        }
        yield new Content.Indirect(size, inline(in));
      }
      default -> throw in.broken("unknown form of content: " + form);
    };
  }

  private static Content.Inline inline(Decoder in) {
    long size = in.varintUpTo(Long.MAX_VALUE);
    int count = in.count(2);
    var extents = new ArrayList<Extent>(count);
    long sum = 0;
    for (int i = 0; i < count; i++) {
      Extent extent = extent(in);
      if (extent.lengthBytes() > size - sum) {
        throw in.broken("extents of more than the " + size + " bytes that were announced");
      }
      extents.add(extent);
      sum += extent.lengthBytes();
    }
    if (sum != size) {
      throw in.broken("extents of " + sum + " bytes where " + size + " were announced");
    }
    return new Content.Inline(size, extents);
  }

  static void extent(Extent extent, Encoder out) {
    switch (extent) {
      case Extent.Hole hole -> out.u8(0).varint(hole.lengthBytes());
      case Extent.Data data ->
          out.u8(1).raw(data.chunk().bytes()).varint(data.offsetBytes()).varint(data.lengthBytes());
    }
  }

  static Extent extent(Decoder in) {
    int kind = in.u8();
    return switch (kind) {
      case 0 -> new Extent.Hole(positive(in, Long.MAX_VALUE >> 1));
      case 1 -> {
        var chunk = new ChunkId(in.raw(ChunkId.BYTES));
        int offset = in.intUpTo(ChunkLimits.MAXIMUM_BYTES);
        yield new Extent.Data(chunk, offset, positive(in, ChunkLimits.MAXIMUM_BYTES));
      }
      default -> throw in.broken("unknown kind of extent: " + kind);
    };
  }

  private static long positive(Decoder in, long limit) {
    long length = in.varintUpTo(limit);
    if (length == 0) {
      throw in.broken("an empty extent");
    }
    return length;
  }
}
