package io.lifeboat.drill.scratch;

import java.util.List;

/**
 * What a scratch is made of, for evidence.
 *
 * @param kind {@code docker}, {@code process} or {@code folder}
 * @param version what the server program says of itself, or the platform for a folder
 * @param image the container image's name and digest, or empty
 * @param network what it can reach: {@code none}, or {@code private-socket} where only the
 *     scratch's own server is confined
 * @param limitations what cannot be proven here, a sentence each
 */
public record ScratchFacts(
    String kind, String version, String image, String network, List<String> limitations) {
  /** Copies the list. */
  public ScratchFacts {
    limitations = List.copyOf(limitations);
  }
}
