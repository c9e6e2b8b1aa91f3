package io.lifeboat.repository;

/**
 * The bytes of a {@link StoredContent}, for whoever keeps it outside the repository: {@code sha256
 * 32 || content}, with the content as in directory listings.
 */
public final class CachedContent {
  private static final int HASH_BYTES = 32;

  private CachedContent() {}

  /** The bytes. */
  public static byte[] encode(StoredContent content) {
    var out = new Encoder().raw(content.sha256());
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
    byte[] sha256 = in.raw(HASH_BYTES);
    Content content = TreeCodec.content(in);
    in.end();
    return new StoredContent(content, sha256);
  }
}
