package io.lifeboat.store.s3;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The pages of a listing as one sequence; the next page is asked for when the one before is used
 * up.
 */
final class S3Listing extends Spliterators.AbstractSpliterator<ObjectInfo> {
  private final Function<Optional<String>, ListObjectsV2Response> pages;
  private final String keyPrefix;
  private final Deque<ObjectInfo> ahead = new ArrayDeque<>();
  private Optional<String> token = Optional.empty();
  private boolean more = true;
  private long seen;

  /**
   * A listing.
   *
   * @param pages answers the page that a continuation token, or none for the first, stands for
   * @param keyPrefix what every key has before its object's name
   */
  S3Listing(Function<Optional<String>, ListObjectsV2Response> pages, String keyPrefix) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
    this.pages = pages;
    this.keyPrefix = keyPrefix;
  }

  @Override
  public boolean tryAdvance(Consumer<? super ObjectInfo> action) {
    while (ahead.isEmpty() && more) {
      ListObjectsV2Response page = pages.apply(token);
      page.contents().forEach(this::add);
      token = Optional.ofNullable(page.nextContinuationToken());
      more = Boolean.TRUE.equals(page.isTruncated());
      if (more && token.isEmpty()) {
        throw new PermanentException(
            ErrorCode.IO_FAILED,
            "The store broke off a listing without saying how it goes on, after "
                + seen
                + " objects",
            "A store that cannot list completely is not safe to use: check its version.");
      }
    }
    if (ahead.isEmpty()) {
      return false;
    }
    action.accept(ahead.remove());
    return true;
  }

  private void add(S3Object object) {
    seen++;
    String name = object.key().substring(keyPrefix.length());
    if (ObjectName.isValid(name)) {
      ahead.add(new ObjectInfo(name, object.size(), object.lastModified()));
    }
  }
}
