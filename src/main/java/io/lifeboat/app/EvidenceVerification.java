package io.lifeboat.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.drill.EvidenceChain;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.EvidenceVerifier;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code lifeboat evidence verify}: of a signed record, of a page made from one, or of a folder of
 * both. Needs public keys and nothing else; status 0 says that all of it is proven.
 */
final class EvidenceVerification {
  private static final long MOST_BYTES = 64 << 20;
  private static final String HTML_BEGINS = "<!DOCTYPE html>";

  private final List<VerifyKey> trusted;
  private final Output output;

  EvidenceVerification(List<VerifyKey> trusted, Output output) {
    this.trusted = List.copyOf(trusted);
    this.output = output;
  }

  /** Answers the exit status. */
  int run(Path path) {
    return Files.isDirectory(path) ? folder(path) : file(read(path));
  }

  private int file(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    boolean isPage = text.startsWith(HTML_BEGINS);
    Optional<byte[]> inPage = isPage ? EvidencePage.document(text) : Optional.of(bytes);
    byte[] signed = inPage.orElse(new byte[0]);
    var verification = EvidenceVerifier.verify(signed, trusted);
    Optional<String> pageProblem = Optional.empty();
    if (inPage.isEmpty()) {
      pageProblem = Optional.of("the page holds no signed document");
    } else if (isPage && verification.valid()) {
      pageProblem = pageProblem(bytes, signed);
    }
    return answer(verification, signed, pageProblem);
  }

  private static Optional<String> pageProblem(byte[] page, byte[] document) {
    String made = EvidencePage.html(EvidenceDocument.parse(document));
    return difference(page, made.getBytes(StandardCharsets.UTF_8))
        .map(what -> "the signed document in the page holds, but the page was altered: " + what);
  }

  /** What differs between a file for people and the one that the signed documents make. */
  private static Optional<String> difference(byte[] found, byte[] made) {
    int at = Arrays.mismatch(found, made);
    if (at < 0) {
      return Optional.empty();
    }
    String text = new String(found, StandardCharsets.UTF_8);
    boolean isPage = text.startsWith(HTML_BEGINS);
    if (isPage && !text.contains("content=\"" + Html.GENERATOR + EvidencePage.LAYOUT + "\"")) {
      return Optional.of(
          "it does not say that it has page layout "
              + EvidencePage.LAYOUT
              + ", the one that this Lifeboat can compare; rely on the signed document alone");
    }
    long line = new String(found, 0, at, StandardCharsets.UTF_8).lines().count();
    return Optional.of(
        "from line " + Math.max(1, line) + " on it is not what the signed records here say");
  }

  private int answer(
      EvidenceVerifier.Verification result, byte[] signed, Optional<String> pageProblem) {
    boolean valid = result.valid() && pageProblem.isEmpty();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("valid", valid);
    answer.put("drill", result.drill());
    answer.put("verdict", result.verdict());
    answer.put("level", result.level());
    answer.put("reason", pageProblem.orElse(result.reason()));
    output.answer(
        answer,
        () -> {
          output.line((valid ? "VALID" : "NOT VALID") + ": " + pageProblem.orElse(result.reason()));
          if (valid) {
            output.line(
                "  drill "
                    + result.drill()
                    + ", verdict "
                    + result.verdict()
                    + result.level().map(level -> ", proven to " + level).orElse(""));
            output.line("  " + about(EvidenceDocument.parse(signed)));
          }
        });
    return valid ? 0 : 1;
  }

  private static String about(EvidenceDocument document) {
    JsonNode backup = document.content().path("backup");
    return ItemJson.printable(
        "snapshot "
            + backup.path("snapshot").asText()
            + " of source "
            + backup.path("source").asText()
            + ", whose backup ended at "
            + backup.path("finishedAt").asText()
            + "; drilled until "
            + document.finishedAt()
            + (document.number() == 0
                ? ""
                : "; number " + document.number() + " of repository " + document.repository()));
  }

  private int folder(Path folder) {
    Map<String, byte[]> evidence = new TreeMap<>();
    Map<String, byte[]> others = new TreeMap<>();
    for (Path file : list(folder)) {
      String name = String.valueOf(file.getFileName());
      (name.endsWith(EvidenceChain.ENDING) ? evidence : others).put(name, read(file));
    }
    EvidenceChain.Ruling ruling = EvidenceChain.rule(evidence, trusted);
    List<EvidenceChain.Problem> problems = new ArrayList<>(ruling.problems());
    problems.addAll(forPeople(ruling, others));
    answer(ruling, problems);
    return problems.isEmpty() ? 0 : 1;
  }

  private static List<EvidenceChain.Problem> forPeople(
      EvidenceChain.Ruling ruling, Map<String, byte[]> files) {
    Map<String, byte[]> made = new TreeMap<>();
    ruling
        .head()
        .ifPresentOrElse(
            head ->
                made.putAll(
                    EvidenceFolder.forPeople(ruling.records().values(), head.head(), head.keyId())),
            () ->
                ruling
                    .records()
                    .values()
                    .forEach(record ->
                        made.put(
                            EvidenceChain.stem(record) + EvidenceFolder.PAGE_ENDING,
                            EvidencePage.html(record).getBytes(StandardCharsets.UTF_8))));
    List<EvidenceChain.Problem> problems = new ArrayList<>();
    files.forEach((name, bytes) -> {
      Optional<String> problem =
          made.containsKey(name)
              ? difference(bytes, made.get(name)).map(what -> "altered: " + what)
              : Optional.of(
                  "no evidence that counts stands behind it: nothing proves what it says");
      problem.ifPresent(what -> problems.add(new EvidenceChain.Problem(name, what)));
    });
    return problems;
  }

  private void answer(EvidenceChain.Ruling ruling, List<EvidenceChain.Problem> problems) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("valid", problems.isEmpty());
    answer.put("repository", ruling.head().map(head -> head.head().repository()));
    answer.put("records", ruling.records().size());
    answer.put("completeAt", ruling.head().map(head -> head.head().at()));
    answer.put("problems", problems);
    output.answer(
        answer,
        () -> {
          if (problems.isEmpty()) {
            ruling
                .head()
                .ifPresent(head ->
                    output.line(
                        "VALID: all "
                            + ruling.records().size()
                            + " records that there were at "
                            + Html.time(head.head().at())
                            + " in repository "
                            + head.head().repository()
                            + ", unaltered and in their order; said by key "
                            + head.keyId()));
          } else {
            output.line(
                "NOT VALID: "
                    + problems.size()
                    + (problems.size() == 1 ? " problem" : " problems")
                    + ", beside "
                    + ruling.records().size()
                    + " records whose signatures hold");
            problems.forEach(problem -> output.line("  " + problem.file() + ": " + problem.what()));
          }
        });
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException("it has more than " + Output.size(MOST_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static PermanentException unreadable(Path file, IOException e) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        "Evidence cannot be read from " + file + ": " + e.getMessage(),
        "Give a file that `lifeboat evidence show DRILL` printed or wrote, or a folder of `lifeboat"
            + " evidence export`.",
        e);
  }
}
