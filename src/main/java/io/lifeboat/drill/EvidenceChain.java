package io.lifeboat.drill;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.repository.EvidenceLink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Holds the evidence of a repository, as it was exported, against itself and the keys of whoever
 * signed it: nothing else is needed. Records are numbered from 1 on without a gap, and each names
 * the hash of the one before it; the head says how many there were.
 */
public final class EvidenceChain {
  /** The file that tells where the chain ends. */
  public static final String HEAD = "head.evidence";

  /** What the name of each piece of evidence ends with. */
  public static final String ENDING = ".evidence";

  private static final Pattern FILE =
      Pattern.compile("(\\d{6,18})-([A-Za-z0-9_-]+)" + Pattern.quote(ENDING));
  private static final int MOST_MISSING = 20;

  private final Collection<VerifyKey> trusted;
  private final Map<String, EvidenceDocument> sound = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Set<Long> refused = new HashSet<>();

  private EvidenceChain(Collection<VerifyKey> trusted) {
    this.trusted = List.copyOf(trusted);
  }

  /**
   * What there is.
   *
   * @param records those whose signature holds, by the names of their files
   * @param head where the chain ended, if that is proven
   * @param problems what is altered, missing, doubled, out of order or not trusted: if there is
   *     nothing, all is proven
   */
  public record Ruling(
      Map<String, EvidenceDocument> records,
      Optional<EvidenceHead.Signed> head,
      List<Problem> problems) {
    /** Copies the list. */
    public Ruling {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Something that is not as it was.
   *
   * @param file the name of a file, there or missing
   */
  public record Problem(String file, String what) {}

  /** The name of a record's file, without its ending. */
  public static String stem(EvidenceDocument record) {
    return String.format(Locale.ROOT, "%06d-%s", record.number(), record.drill());
  }

  /**
   * Rules on a folder's evidence.
   *
   * @param files the contents of all files whose names end with {@value #ENDING}
   */
  public static Ruling rule(Map<String, byte[]> files, Collection<VerifyKey> trusted) {
    return new EvidenceChain(trusted).rule(new TreeMap<>(files));
  }

  private Ruling rule(Map<String, byte[]> files) {
    Optional<byte[]> headBytes = Optional.ofNullable(files.remove(HEAD));
    files.forEach(this::read);
    NavigableRecords byNumber = new NavigableRecords();
    sound.forEach(byNumber::add);
    byNumber.forEachChained(this::checkPlace);
    Optional<EvidenceHead.Signed> head = headBytes.flatMap(this::head);
    if (headBytes.isEmpty()) {
      problem(
          HEAD,
          "it is missing, and only it tells how many records there were: newer ones than those that"
              + " are here may have been removed");
    }
    head.ifPresent(signed -> checkEnd(signed.head(), byNumber));
    checkGaps(byNumber, head.map(signed -> signed.head().count()).orElse(0L));
    checkRepository(head);
    return new Ruling(sound, head, problems);
  }

  /** Sound records by their numbers; more than one has a number only where something is wrong. */
  private static final class NavigableRecords {
    private final TreeMap<Long, TreeMap<String, EvidenceDocument>> all = new TreeMap<>();

    void add(String file, EvidenceDocument record) {
      all.computeIfAbsent(record.number(), number -> new TreeMap<>()).put(file, record);
    }

    Map<String, EvidenceDocument> at(long number) {
      return all.getOrDefault(number, new TreeMap<>());
    }

    long last() {
      return all.isEmpty() ? 0 : all.lastKey();
    }

    void forEachChained(Visitor visitor) {
      all.tailMap(1L).forEach((number, records) -> visitor.visit(records, at(number - 1)));
    }

    interface Visitor {
      void visit(Map<String, EvidenceDocument> records, Map<String, EvidenceDocument> before);
    }
  }

  private void problem(String file, String what) {
    problems.add(new Problem(file, what));
  }

  private void read(String file, byte[] bytes) {
    EvidenceDocument record;
    try {
      record = EvidenceDocument.parse(bytes);
    } catch (LifeboatException e) {
      refuse(file, "altered: " + e.getMessage());
      return;
    }
    switch (record.signature(trusted)) {
      case TRUSTED -> {
        sound.put(file, record);
        if (!file.equals(stem(record) + ENDING)) {
          problem(
              file,
              "out of order: it holds number "
                  + record.number()
                  + ", drill "
                  + record.drill()
                  + ", whose place is "
                  + stem(record)
                  + ENDING);
        }
      }
      case BROKEN ->
          refuse(file, "altered: key " + record.keyId() + " did not sign what it says now");
      case UNTRUSTED -> refuse(file, "not trusted: " + EvidenceVerifier.untrusted(record.keyId()));
    }
  }

  /** What does not count is named once: its number is not missing as well. */
  private void refuse(String file, String what) {
    problem(file, what);
    Matcher name = FILE.matcher(file);
    if (name.matches()) {
      refused.add(Long.parseLong(name.group(1)));
    }
  }

  private void checkPlace(
      Map<String, EvidenceDocument> records, Map<String, EvidenceDocument> before) {
    checkDoubles(records);
    records.forEach((file, record) -> {
      if (record.number() == 1 && !record.previous().equals(EvidenceLink.NO_PREVIOUS)) {
        problem(file, "out of order: it is the first, and names one before it");
      }
      boolean known = !before.isEmpty() && record.number() > 1;
      if (known
          && before.values().stream()
              .noneMatch(earlier -> earlier.sha256().equals(record.previous()))) {
        problem(
            file,
            "out of order: the record that it names as the one before it is not "
                + String.join(" or ", before.keySet()));
      }
    });
  }

  private void checkDoubles(Map<String, EvidenceDocument> records) {
    if (records.size() > 1) {
      List<String> files = List.copyOf(records.keySet());
      boolean same =
          records.values().stream().map(EvidenceDocument::sha256).distinct().count() == 1;
      problem(
          files.getLast(),
          "doubled: it "
              + (same ? "is the same record as " : "has the same number as ")
              + String.join(", ", files.subList(0, files.size() - 1)));
    }
  }

  private Optional<EvidenceHead.Signed> head(byte[] bytes) {
    EvidenceHead.Signed signed;
    try {
      signed = EvidenceHead.parse(bytes, trusted);
    } catch (LifeboatException e) {
      problem(HEAD, "altered: " + e.getMessage());
      return Optional.empty();
    }
    return switch (signed.signature()) {
      case TRUSTED -> Optional.of(signed);
      case BROKEN -> {
        problem(HEAD, "altered: key " + signed.keyId() + " did not sign what it says now");
        yield Optional.empty();
      }
      case UNTRUSTED -> {
        problem(HEAD, "not trusted: " + EvidenceVerifier.untrusted(signed.keyId()));
        yield Optional.empty();
      }
    };
  }

  private void checkEnd(EvidenceHead head, NavigableRecords records) {
    Map<String, EvidenceDocument> last = records.at(head.count());
    if (head.count() > 0
        && !last.isEmpty()
        && last.values().stream().noneMatch(record -> record.sha256().equals(head.last()))) {
      problem(
          HEAD,
          "out of order: the last record that it names is not " + String.join(", ", last.keySet()));
    }
    if (records.last() > head.count()) {
      problem(
          HEAD,
          "out of order: it was signed when there were "
              + head.count()
              + " records, and here is number "
              + records.last()
              + ": nothing tells whether newer ones were removed");
    }
    Map<String, EvidenceDocument> unchained = records.at(0);
    Set<String> hashes =
        unchained.values().stream().map(EvidenceDocument::sha256).collect(Collectors.toSet());
    long missing = head.unchained().stream().filter(hash -> !hashes.contains(hash)).count();
    if (missing > 0) {
      problem(
          HEAD, "missing: " + missing + " records without a number, which it names, are not here");
    }
    unchained.forEach((file, record) -> {
      if (!head.unchained().contains(record.sha256())) {
        problem(file, "it has no number, and " + HEAD + " does not name it");
      }
    });
  }

  private void checkGaps(NavigableRecords records, long count) {
    long end = Math.max(count, records.last());
    List<Long> missing = new ArrayList<>();
    for (long number = 1; number <= end && missing.size() <= MOST_MISSING; number++) {
      if (records.at(number).isEmpty() && !refused.contains(number)) {
        missing.add(number);
      }
    }
    missing.stream()
        .limit(MOST_MISSING)
        .forEach(number ->
            problem(
                String.format(Locale.ROOT, "%06d-*%s", number, ENDING),
                "missing: number " + number + " of " + end));
    if (missing.size() > MOST_MISSING) {
      problem(HEAD, "missing: more records than are named here");
    }
  }

  private void checkRepository(Optional<EvidenceHead.Signed> head) {
    Set<String> repositories =
        sound.values().stream()
            .map(EvidenceDocument::repository)
            .filter(repository -> !repository.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    head.ifPresent(signed -> repositories.add(signed.head().repository()));
    if (repositories.size() > 1) {
      problem(
          HEAD, "the records are of different repositories: " + String.join(", ", repositories));
    }
  }
}
