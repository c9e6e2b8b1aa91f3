package io.lifeboat.backup;

import io.lifeboat.progress.Progress;
import java.util.List;

/** Keeps the sentences that a run says. */
public record Events(List<String> sentences) implements Progress {
  @Override
  public void phase(String name) {}

  @Override
  public void expect(long bytes) {}

  @Override
  public void advance(long bytes, long items) {}

  @Override
  public void event(String sentence) {
    sentences.add(sentence);
  }

  @Override
  public void checkCancelled() {}
}
