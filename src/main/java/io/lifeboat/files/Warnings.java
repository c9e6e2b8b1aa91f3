package io.lifeboat.files;

import io.lifeboat.progress.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a backup of files must tell its reader: left out, or changed while it was read. Each is an
 * event at once and a sentence of the result; from the thousandth on only their number is kept,
 * because a tree without rights could have millions. Not thread-safe.
 */
public final class Warnings {
  private static final int MOST_SENTENCES = 1000;

  private final Progress progress;
  private final List<String> sentences = new ArrayList<>();
  private long count;

  /** No warnings yet; those to come are events of this run. */
  public Warnings(Progress progress) {
    this.progress = progress;
  }

  /** Records one, as a sentence that names the path. */
  public void add(String sentence) {
    count++;
    if (count <= MOST_SENTENCES) {
      sentences.add(sentence);
      progress.event(sentence);
    }
  }

  /** How many there were. */
  public long count() {
    return count;
  }

  /** The sentences for the result; the last one tells of those that were too many to keep. */
  public List<String> sentences() {
    if (count <= MOST_SENTENCES) {
      return List.copyOf(sentences);
    }
    List<String> all = new ArrayList<>(sentences);
    all.add("And " + (count - MOST_SENTENCES) + " more warnings of these kinds");
    return List.copyOf(all);
  }
}
