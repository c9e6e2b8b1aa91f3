package io.lifeboat.progress;

/** Hears nothing. */
enum NoProgress implements Progress {
  INSTANCE;

  @Override
  public void phase(String name) {}

  @Override
  public void expect(long bytes) {}

  @Override
  public void advance(long bytes, long items) {}

  @Override
  public void event(String sentence) {}

  @Override
  public void checkCancelled() {}
}
