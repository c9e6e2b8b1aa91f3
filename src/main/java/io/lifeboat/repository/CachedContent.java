package io.lifeboat.repository;

import java.util.Optional;

/**
 * The bytes of a {@link StoredContent}, for whoever keeps it outside the repository: {@code (0 || 1
 * || sha256 32) || content}, with the content as in directory listings.
 */
public final class CachedContent {
  private static final int HASH_BYTES = 32;

  private CachedContent() {}

  /** The bytes. */
  public static byte[] encode(StoredContent content) {
    var out = new Encoder().u8(content.sha256().isPresent() ? 1 : 0);
    content.sha256().ifPresent(out::raw);
    TreeCodec.content(content.content(), out);
    return out.done();
  }

  /**
   * The way back.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_DAMAGED} if these are no
   *     such bytes
   */
  public static StoredContent decode(byte[] bytes) {
    var in = new Decoder(bytes, "a cached content");
    Optional<byte[]> sha256 =
        switch (in.u8()) {
          case 0 -> Optional.empty();
          case 1 -> Optional.of(in.raw(HASH_BYTES));
          default -> throw in.broken("a hash that is neither there nor not");
        };
    Content content = TreeCodec.content(in);
    in.end();
    return new StoredContent(content, sha256);
  }
}
