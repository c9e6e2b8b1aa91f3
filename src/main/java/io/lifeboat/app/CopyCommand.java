package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.CopyReport;
import io.lifeboat.repository.RepositoryCopy;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat copy}. */
final class CopyCommand implements Command {
  @Override
  public String name() {
    return "copy";
  }

  @Override
  public String help() {
    return "bring what a second store lacks of a repository there, without opening anything";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("--store")
        .metavar("STORE")
        .help("copy from here instead of a configured repository; needs no key");
    parser
        .addArgument("--from")
        .metavar("NAME")
        .help("the repository, where several are configured");
    parser
        .addArgument("--to")
        .metavar("STORE")
        .required(true)
        .help("a configured repository, folder:PATH or s3:ENDPOINT/BUCKET/PREFIX");
  }

  @Override
  public int run(Session session) {
    Optional<String> given = session.optional("store");
    Map<String, StoreConfig> configured =
        given.isPresent() ? Map.of() : session.installation().stores();
    String to = session.text("to");
    StoreConfig target =
        Optional.ofNullable(configured.get(to)).orElseGet(() -> session.parseStore("--to", to));
    StoreConfig source =
        given.isPresent()
            ? session.parseStore("--store", given.get())
            : source(configured, session.optional("from"), to);
    ObjectStore from = session.keep(OpenRepositories.open(source, session.clock()));
    ObjectStore into = session.keep(OpenRepositories.open(target, session.clock()));
    CopyReport report =
        new RepositoryCopy(from, into, new StoreProbe(session.random())).run(session.progress());
    answer(session.output(), report, into);
    return report.problems().isEmpty() ? 0 : 1;
  }

  private static StoreConfig source(
      Map<String, StoreConfig> configured, Optional<String> from, String to) {
    List<Map.Entry<String, StoreConfig>> candidates =
        configured.entrySet().stream()
            .filter(entry ->
                from.isPresent() ? entry.getKey().equals(from.get()) : !entry.getKey().equals(to))
            .toList();
    if (candidates.size() != 1) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "Which repository to copy is not clear: "
              + from.map(name -> "there is none called '" + name + "'")
                  .orElse("--from is not given, and there is not exactly one beside --to"),
          "Give --from with one of these: " + String.join(", ", configured.keySet()));
    }
    return candidates.getFirst().getValue();
  }

  private static void answer(Output output, CopyReport report, ObjectStore into) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("verdict", report.problems().isEmpty() ? "PASS" : "FAIL");
    document.put("to", into.describe());
    document.put("objects", report.objects());
    document.put("copied", report.copied());
    document.put("bytes", report.bytes());
    document.put("skipped", report.skipped());
    document.put("problems", report.problems());
    output.answer(
        document,
        () -> {
          report.problems().forEach(problem -> output.line("problem: " + problem));
          output.line(
              "Copied "
                  + report.copied()
                  + " of "
                  + report.objects()
                  + " objects to "
                  + into.describe()
                  + ", "
                  + Output.size(report.bytes())
                  + "; "
                  + report.skipped()
                  + " were there");
        });
  }
}
