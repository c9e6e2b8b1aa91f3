package io.lifeboat.app;

import io.lifeboat.browse.Finder;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat find}. */
final class FindCommand implements Command {
  private static final String ALL = "all";

  @Override
  public String name() {
    return "find";
  }

  @Override
  public String help() {
    return "find entries of a snapshot, or with --snapshot all the versions in every one";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    parser
        .addArgument("glob")
        .metavar("GLOB")
        .help("'*.pdf' for names, 'artifacts/**/*.pdf' for whole paths");
  }

  @Override
  public int run(Session session) {
    var finder = new Finder(session.text("glob"));
    ConfiguredEngines engines = session.engines();
    String source = session.text("source");
    boolean all = session.text("snapshot").equals(ALL);
    for (Optional<String> id : all ? every(engines, source) : List.of(session.snapshot())) {
      try (SnapshotReader snapshot = engines.read(source, id)) {
        finder.search(snapshot);
      }
    }
    Output output = session.output();
    output.answer(
        finder.found().stream().map(FindCommand::document).toList(),
        () ->
            finder
                .found()
                .forEach(found -> {
                  output.line(ItemJson.line(found.item()));
                  if (all) {
                    output.line("    in " + String.join(" ", found.snapshots()));
                  }
                }));
    return 0;
  }

  private static List<Optional<String>> every(ConfiguredEngines engines, String source) {
    return engines.snapshots(Optional.of(source)).stream()
        .map(SnapshotInfo::id)
        .map(Optional::of)
        .toList();
  }

  private static Map<String, Object> document(Finder.Found found) {
    Map<String, Object> document = new LinkedHashMap<>(ItemJson.document(found.item()));
    document.put("snapshots", found.snapshots());
    return document;
  }
}
