package io.lifeboat.store.probe;

/**
 * One thing that a store can or cannot do.
 *
 * @param name of the thing, in a few words
 * @param required whether Lifeboat must not be used with a store that cannot do it
 * @param consequence what follows from the answer, as a sentence
 */
public record Capability(String name, Answer answer, boolean required, String consequence) {
  /** Whether it can. */
  public enum Answer {
    YES,
    NO,
    /** It was not tried, or could not be. */
    UNKNOWN
  }

  /** Something that Lifeboat relies on. */
  public static Capability required(String name, boolean can, String consequence) {
    return new Capability(name, can ? Answer.YES : Answer.NO, true, consequence);
  }

  /** Something that is good or bad to know. */
  public static Capability told(String name, boolean can, String consequence) {
    return new Capability(name, can ? Answer.YES : Answer.NO, false, consequence);
  }

  /** Something that could not be found out. */
  public static Capability unknown(String name, String consequence) {
    return new Capability(name, Answer.UNKNOWN, false, consequence);
  }

  /** Whether a store may be used, as far as this goes. */
  public boolean isSafe() {
    return !required || answer == Answer.YES;
  }
}
