package io.lifeboat.app;

import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.drill.EvidenceChain;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.EvidenceHead;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.KeptEvidence;
import io.lifeboat.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code lifeboat evidence export}: all evidence of a repository in a folder that a stranger can
 * verify with a public key, without us and without the repository.
 */
final class EvidenceExport {
  private final OpenRepositories repositories;
  private final Clock clock;
  private final Output output;

  EvidenceExport(OpenRepositories repositories, Clock clock, Output output) {
    this.repositories = repositories;
    this.clock = clock;
    this.output = output;
  }

  /**
   * Writes the folder; answers the exit status.
   *
   * @param repository which one, where there are several
   */
  int run(Optional<String> repository, Path target) {
    requireEmpty(target);
    Repository chosen = choose(repository);
    SigningKey signer = repositories.keyring().signer();
    KeptEvidence kept = chosen.evidence().all();
    Map<String, byte[]> files = new TreeMap<>();
    List<EvidenceDocument> records = new ArrayList<>();
    for (KeptEvidence.Document document : kept.documents()) {
      EvidenceDocument record = EvidenceDocument.parse(document.signed());
      records.add(record);
      files.put(EvidenceChain.stem(record) + EvidenceChain.ENDING, record.bytes());
    }
    EvidenceHead head = head(kept, records, signer);
    files.put(EvidenceChain.HEAD, head.sign(signer));
    files.putAll(EvidenceFolder.forPeople(records, head, signer.verifyKey().id()));
    write(target, files);
    return answer(target, head, records, kept.problems());
  }

  private Repository choose(Optional<String> named) {
    if (named.isPresent()) {
      return repositories.get(named.get());
    }
    Map<String, Repository> different = new LinkedHashMap<>();
    List<String> names = repositories.originalsFirst();
    for (String name : names) {
      different.putIfAbsent(repositories.get(name).id().toString(), repositories.get(name));
    }
    if (different.size() != 1) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          different.isEmpty()
              ? "There is no repository to export evidence from"
              : "There are several repositories, and each has a chain of its own: "
                  + String.join(", ", names),
          "Say which: --repository NAME. Export each to a folder of its own.");
    }
    return different.values().iterator().next();
  }

  private EvidenceHead head(
      KeptEvidence kept, Collection<EvidenceDocument> records, SigningKey signer) {
    Set<String> ids =
        Stream.concat(
                records.stream().map(EvidenceDocument::keyId), Stream.of(signer.verifyKey().id()))
            .collect(Collectors.toSet());
    List<String> keys =
        Stream.concat(kept.signers().stream(), Stream.of(signer.verifyKey()))
            .filter(key -> ids.contains(key.id()))
            .map(VerifyKey::text)
            .distinct()
            .sorted()
            .toList();
    List<String> unchained =
        records.stream()
            .filter(record -> record.number() == 0)
            .map(EvidenceDocument::sha256)
            .sorted()
            .toList();
    return new EvidenceHead(
        kept.repository(),
        kept.last().number(),
        kept.last().document(),
        clock.instant(),
        keys,
        unchained);
  }

  private static void requireEmpty(Path target) {
    try (Stream<Path> inside = Files.isDirectory(target) ? Files.list(target) : Stream.empty()) {
      if (Files.exists(target) && !Files.isDirectory(target) || inside.findAny().isPresent()) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "Evidence is exported to an empty or a new folder, and " + target + " is neither",
            "Give another --target. What is there was left as it is.");
      }
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  private static void write(Path target, Map<String, byte[]> files) {
    try {
      Files.createDirectories(target);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(target.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  private static PermanentException failed(Path target, IOException e) {
    return new PermanentException(
        ErrorCode.IO_FAILED,
        "Evidence could not be written to " + target + ": " + e,
        "Remove what is there, make room, and export again.",
        e);
  }

  private int answer(
      Path target, EvidenceHead head, List<EvidenceDocument> records, List<String> problems) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("target", target.toString());
    answer.put("repository", head.repository());
    answer.put("records", records.size());
    answer.put("keys", head.keys());
    answer.put("problems", problems);
    output.answer(
        answer,
        () -> {
          output.line(records.size() + " records in " + target + "; begin with index.html");
          output.line("To verify, offline: lifeboat evidence verify " + target + " --key KEY");
          head.keys().forEach(key -> output.line("  KEY " + key));
        });
    problems.forEach(output::warn);
    return problems.isEmpty() ? 0 : 1;
  }
}
