package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.CopyReport;
import io.lifeboat.repository.RepositoryCopy;
import io.lifeboat.store.ObjectStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
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
    parser
        .addArgument("--remove-swept-after")
        .metavar("DURATION")
        .help(
            "also remove from the copy what a prune of the original removed, once the copy has"
                + " known of it for so long, such as P30D");
    parser
        .addArgument("--promote")
        .action(Arguments.storeTrue())
        .help(
            "copy nothing: make the copy at --to a repository of its own, when the original is lost"
                + " for good; needs --yes");
    parser
        .addArgument("--yes")
        .action(Arguments.storeTrue())
        .help("yes, --promote for good: the original is lost, or never written to again");
  }

  @Override
  public int run(Session session) {
    Optional<String> given = session.optional("store");
    Map<String, StoreConfig> configured =
        given.isPresent() ? Map.of() : session.installation().stores();
    String to = session.text("to");
    StoreConfig target =
        Optional.ofNullable(configured.get(to)).orElseGet(() -> session.parseStore("--to", to));
    if (session.flag("promote")) {
      requireMeant(session, to);
      return promote(session, target);
    }
    StoreConfig source =
        given.isPresent()
            ? session.parseStore("--store", given.get())
            : source(configured, session.optional("from"), to);
    requireApart(source, target);
    Optional<Duration> removal = session.optional("remove_swept_after").map(PruneCommand::duration);
    ObjectStore from = session.keep(OpenRepositories.open(source, session.clock()));
    ObjectStore into = session.keep(OpenRepositories.open(target, session.clock()));
    CopyReport report =
        new RepositoryCopy(from, into, session.random(), session.clock())
            .run(removal, session.progress());
    answer(session.output(), report, into);
    if (!report.complete()) {
      return 1;
    }
    return report.swept().refused().isEmpty() ? 0 : 3;
  }

  /** A copy inside its original would be copied along by the next one, and damage to both. */
  private static void requireApart(StoreConfig source, StoreConfig target) {
    String from = place(source);
    String to = place(target);
    if (from.startsWith(to) || to.startsWith(from)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          from.equals(to)
              ? "The copy would be the original itself: " + to
              : "One of the two lies inside the other: " + from + " and " + to,
          "Name another bucket, prefix or folder with --to. Nothing was written.");
    }
  }

  private static String place(StoreConfig store) {
    return switch (store) {
      case StoreConfig.Folder folder -> folder.path().toAbsolutePath().normalize() + "/";
      case StoreConfig.S3 s3 -> {
        String prefix = s3.prefix().orElse("");
        yield "s3:"
            + s3.endpoint().map(Object::toString).orElse("")
            + "/"
            + s3.bucket()
            + "/"
            + (prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
      }
    };
  }

  /** Promotion parts a copy from its original for good, and nothing is copied by it. */
  private static void requireMeant(Session session, String to) {
    if (session.optional("remove_swept_after").isPresent()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--promote copies and removes nothing, so --remove-swept-after has no meaning with it",
          "Copy with --remove-swept-after first, while the original is there, or promote without"
              + " it: `lifeboat prune` shrinks the copy then. Nothing was done.");
    }
    if (!session.flag("yes")) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--promote makes the copy at "
              + to
              + " a repository of its own, for good: nothing can be copied to it from the original"
              + " any more, and what both are written to from then on cannot be brought together",
          "Only do it when the original is lost, or will never be written to again: stop the nodes"
              + " that write there first. Then repeat the command with --yes. Nothing was done.");
    }
  }

  private static int promote(Session session, StoreConfig target) {
    ObjectStore copy = session.keep(OpenRepositories.open(target, session.clock()));
    RepositoryCopy.promote(copy);
    session
        .output()
        .answer(
            Map.of("promoted", copy.describe()),
            () ->
                session
                    .output()
                    .line(
                        copy.describe()
                            + " is a repository of its own now. Nothing may be written to the"
                            + " original any more, and nothing copied from it."));
    return 0;
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

  private static Optional<String> sweptLine(CopyReport.Swept swept) {
    if (swept.removed() > 0) {
      return Optional.of(
          "Removed " + swept.removed() + " swept packs with " + Output.size(swept.removedBytes()));
    }
    return swept.left() == 0
        ? Optional.empty()
        : Optional.of(
            "It still has "
                + swept.left()
                + " packs with "
                + Output.size(swept.leftBytes())
                + " that the original's prune has removed; --remove-swept-after P30D removes them"
                + " after 30 days");
  }

  private static void answer(Output output, CopyReport report, ObjectStore into) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("verdict", report.complete() ? "PASS" : "FAIL");
    document.put("complete", report.complete());
    document.put("to", into.describe());
    document.put("objects", report.objects());
    document.put("copied", report.copied());
    document.put("bytes", report.bytes());
    document.put("skipped", report.skipped());
    document.put("swept", report.swept());
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
          sweptLine(report.swept()).ifPresent(output::line);
          report.swept().refused().forEach(output::warn);
          if (!report.complete()) {
            output.line(
                "The copy is NOT complete: "
                    + report.problems().size()
                    + " problems are named above. What needs those objects does not restore from"
                    + " it; `lifeboat repair --report` on the copy names it.");
          }
        });
  }
}
