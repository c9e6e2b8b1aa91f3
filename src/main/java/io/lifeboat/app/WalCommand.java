package io.lifeboat.app;

import io.lifeboat.restore.RecoveryRange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat wal}. */
final class WalCommand implements Command {
  @Override
  public String name() {
    return "wal";
  }

  @Override
  public String help() {
    return "say which points in time a PostgreSQL source can be restored to";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("--source").metavar("S").required(true).help("the source");
  }

  @Override
  public int run(Session session) {
    String source = session.text("source");
    List<RecoveryRange> ranges =
        new Recoveries(session.engines().repositories()).ranges(source, session.progress());
    Output output = session.output();
    output.answer(
        Map.of("source", source, "ranges", ranges.stream().map(WalCommand::document).toList()),
        () -> {
          if (ranges.isEmpty()) {
            output.line("No snapshot of " + source + " can be recovered to a point in time");
          }
          ranges.forEach(range ->
              output.line(
                  "timeline "
                      + range.timeline()
                      + ": from "
                      + range.since()
                      + " ("
                      + range.from()
                      + ", snapshot "
                      + range.snapshot()
                      + ") to "
                      + range.until()
                      + " ("
                      + range.to()
                      + ")"));
        });
    return 0;
  }

  private static Map<String, Object> document(RecoveryRange range) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("cluster", range.cluster());
    document.put("timeline", range.timeline());
    document.put("snapshot", range.snapshot());
    document.put("fromLsn", range.from().toString());
    document.put("from", range.since());
    document.put("toLsn", range.to().toString());
    document.put("coveredUpTo", range.until());
    return document;
  }
}
