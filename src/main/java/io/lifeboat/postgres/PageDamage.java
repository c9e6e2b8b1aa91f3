package io.lifeboat.postgres;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Damage of the source that its backup shows: a copy has it too.
 *
 * @param pages how many pages; 0 if the server knows of some that were not recognized
 * @param named some of them
 */
public record PageDamage(long pages, List<DamagedPage> named) {
  /** Copies the list. */
  public PageDamage {
    named = List.copyOf(named);
  }

  /** For people, without a full stop. */
  public String sentence() {
    if (named.isEmpty()) {
      return "the server found damaged pages in its own files, which its log names";
    }
    String more = pages > named.size() ? " and " + (pages - named.size()) + " more" : "";
    return (pages == 1 ? "a page is damaged: " : pages + " pages are damaged: ")
        + named.stream().map(DamagedPage::toString).collect(Collectors.joining(", "))
        + more;
  }
}
