package io.lifeboat.store;

/** A store with a broken promise, as some servers have that call themselves compatible with S3. */
public final class LyingStore extends ForwardingStore {
  /** What it does wrong. */
  public enum Lie {
    /** Overwrites, and says so. */
    OVERWRITES_OPENLY,
    /** Overwrites, but answers that it did not. */
    OVERWRITES_SECRETLY,
    /** Answers to every put that something was there. */
    ALWAYS_EXISTS
  }

  private final Lie lie;

  /** A store that tells this lie. */
  public LyingStore(Lie lie) {
    super(new InMemoryStore());
    this.lie = lie;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    boolean existed = head(name).isPresent();
    delete(name);
    super.putIfAbsent(name, body);
    return switch (lie) {
      case OVERWRITES_OPENLY -> PutOutcome.CREATED;
      case OVERWRITES_SECRETLY -> existed ? PutOutcome.EXISTS : PutOutcome.CREATED;
      case ALWAYS_EXISTS -> PutOutcome.EXISTS;
    };
  }

  @Override
  public String describe() {
    return "a store that lies";
  }
}
