package io.lifeboat.app;

import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import java.util.List;
import java.util.Locale;
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
  }

  @Override
  public int run(Session session) {
    Repository.Listing listing = session.engines().listing(session.optional("source"));
    List<SnapshotInfo> snapshots = listing.snapshots();
    Output output = session.output();
    output.answer(
        snapshots.stream().map(ResultJson::document).toList(),
        () -> {
          if (snapshots.isEmpty()) {
            output.line("No snapshots yet. `lifeboat backup PLAN` takes one.");
          }
          snapshots.forEach(snapshot -> output.line(line(snapshot)));
        });
    List<String> problems = listing.problems();
    problems.forEach(output::warn);
    return problems.isEmpty() ? 0 : 1;
  }

  private static String line(SnapshotInfo info) {
    return String.format(
        Locale.ROOT,
        "%s  %s  %-16s %10s  %s",
        info.id(),
        info.startedAt().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
        info.source(),
        Output.size(info.sizeBytes()),
        info.proof()
            .map(proof -> proof.verdict() + " " + proof.level() + " at " + proof.at())
            .orElse("not proven yet"));
  }
}
