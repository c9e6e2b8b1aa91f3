package io.lifeboat.app;

import io.lifeboat.operation.Engines;
import io.lifeboat.repository.SnapshotInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat snapshots}. */
final class SnapshotsCommand implements Command {
  @Override
  public String name() {
    return "snapshots";
  }

  @Override
  public String help() {
    return "list snapshots, newest first, and how far each is proven";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("--source").metavar("S").help("of this source only");
    parser.addArgument("--tag").metavar("TAG").help("with this tag only");
  }

  @Override
  public int run(Session session) {
    ConfiguredEngines.Listing listing = session.engines().listing(session.optional("source"));
    Optional<String> tag = session.optional("tag");
    List<Engines.Listed> snapshots =
        listing.snapshots().stream()
            .filter(listed -> tag.isEmpty() || listed.info().tags().contains(tag.get()))
            .toList();
    Output output = session.output();
    output.answer(
        snapshots.stream().map(SnapshotsCommand::document).toList(),
        () -> {
          if (snapshots.isEmpty()
              && listing.problems().isEmpty()
              && listing.unfinished().isEmpty()) {
            output.line(
                tag.map(wanted -> "No snapshot has the tag " + wanted + ".")
                    .orElse("No snapshots yet. `lifeboat backup PLAN` takes one."));
          }
          snapshots.forEach(snapshot -> output.line(line(snapshot)));
        });
    List<String> problems = listing.problems();
    problems.forEach(output::warn);
    if (!problems.isEmpty()) {
      output.hint(
          "Snapshots whose entries are sound can be restored: name one with --snapshot. `lifeboat"
              + " repair --dry-run`, with the recovery kit, says what can be mended");
    }
    listing.unfinished().forEach(output::warn);
    boolean nothingFinished = snapshots.isEmpty() && !listing.unfinished().isEmpty();
    return problems.isEmpty() && !nothingFinished ? 0 : 1;
  }

  private static Map<String, Object> document(Engines.Listed snapshot) {
    Map<String, Object> document = new LinkedHashMap<>(ResultJson.document(snapshot.info()));
    document.put("standing", snapshot.standing());
    document.put("repositories", snapshot.repositories());
    document.put("heldBecause", snapshot.heldBecause());
    return document;
  }

  private static String line(Engines.Listed snapshot) {
    SnapshotInfo info = snapshot.info();
    List<String> copies = snapshot.repositories().subList(1, snapshot.repositories().size());
    return String.format(
        Locale.ROOT,
        "%s  %s  %-16s %10s  %s%s",
        info.id(),
        info.startedAt().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
        info.source(),
        Output.size(info.sizeBytes()),
        snapshot.standing().words(),
        (info.tags().isEmpty() ? "" : "  " + String.join(" ", info.tags()))
            + (copies.isEmpty() ? "" : "; also in " + String.join(", ", copies))
            + snapshot.heldBecause().map(why -> "; held: " + oneLine(why)).orElse(""));
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
