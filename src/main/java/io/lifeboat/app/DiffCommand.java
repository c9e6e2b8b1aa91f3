package io.lifeboat.app;

import io.lifeboat.browse.Comparison;
import io.lifeboat.browse.Item;
import io.lifeboat.repository.SnapshotReader;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat diff}. */
final class DiffCommand implements Command {
  @Override
  public String name() {
    return "diff";
  }

  @Override
  public String help() {
    return "compare two snapshots of a source";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("--source").metavar("S").required(true).help("the source");
    parser.addArgument("old").metavar("OLD").help("the older snapshot");
    parser.addArgument("new").metavar("NEW").help("the newer one, or 'latest'");
  }

  @Override
  public int run(Session session) {
    ConfiguredEngines engines = session.engines();
    String source = session.text("source");
    Map<Comparison.Kind, Long> counts = new EnumMap<>(Comparison.Kind.class);
    List<Map<String, Object>> changes = new ArrayList<>();
    Output output = session.output();
    try (SnapshotReader before = engines.read(source, Session.named(session.text("old")));
        SnapshotReader after = engines.read(source, Session.named(session.text("new")))) {
      new Comparison(
              before,
              after,
              change -> {
                counts.merge(change.kind(), 1L, Long::sum);
                if (output.isJson()) {
                  changes.add(document(change));
                } else {
                  output.line(
                      String.format(
                          Locale.ROOT,
                          "%-10s  %s",
                          word(change.kind()),
                          ItemJson.printable(change.path().toString())));
                }
              })
          .run();
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("old", before.root().info().id());
      document.put("new", after.root().info().id());
      for (Comparison.Kind kind : Comparison.Kind.values()) {
        document.put(word(kind), counts.getOrDefault(kind, 0L));
      }
      document.put("changes", changes);
      output.answer(document, () -> output.line(summary(counts)));
    }
    return 0;
  }

  private static String summary(Map<Comparison.Kind, Long> counts) {
    List<String> parts = new ArrayList<>();
    counts.forEach((kind, count) -> parts.add(count + " " + word(kind)));
    return parts.isEmpty() ? "The same." : String.join(", ", parts);
  }

  private static String word(Comparison.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> document(Comparison.Change change) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("change", word(change.kind()));
    document.put("path", change.path().toString());
    document.put("before", side(change, change.before()));
    document.put("after", side(change, change.after()));
    return document;
  }

  private static Optional<Object> side(
      Comparison.Change change, Optional<io.lifeboat.repository.Node> node) {
    return node.map(there -> ItemJson.document(new Item(change.path(), there)));
  }
}
