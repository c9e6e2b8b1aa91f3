package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.repository.Affected;
import io.lifeboat.restore.Ownership;
import io.lifeboat.restore.RecoveryGoal;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreSelection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat restore}. */
final class RestoreCommand implements Command {
  @Override
  public String name() {
    return "restore";
  }

  @Override
  public String help() {
    return "bring a snapshot back into a folder";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    parser
        .addArgument("--path")
        .metavar("P")
        .action(Arguments.append())
        .help(
            "only this entry and what is below it, or what this glob ('**/*.pdf') matches; may be"
                + " repeated. One plain path is restored under its last component, anything else"
                + " under its whole path");
    parser
        .addArgument("--exclude")
        .metavar("GLOB")
        .action(Arguments.append())
        .help("not this; may be repeated");
    parser
        .addArgument("--skip-damaged")
        .dest("skip")
        .action(Arguments.storeTrue())
        .help("read all packs first, restore what is left of a damaged snapshot, say what is not");
    pointInTime(parser);
    ObjectArguments.declare(parser);
    parser.addArgument("--target").metavar("DIR").help("where to");
    parser
        .addArgument("--delta")
        .action(Arguments.storeTrue())
        .help("the target may hold something: write only what differs from the snapshot");
    parser
        .addArgument("--delete")
        .action(Arguments.storeTrue())
        .help("with --delta: delete what the snapshot does not have");
    parser
        .addArgument("--dry-run")
        .action(Arguments.storeTrue())
        .help("touch nothing, say how much would be written and deleted");
    parser
        .addArgument("--map-owner")
        .metavar("FROM:TO")
        .action(Arguments.append())
        .help("files of this user belong to that one; names or numbers; may be repeated");
    parser
        .addArgument("--map-group")
        .metavar("FROM:TO")
        .action(Arguments.append())
        .help("the same for groups");
    parser
        .addArgument("--no-owner")
        .action(Arguments.storeTrue())
        .help("everything belongs to who restores it");
  }

  private static void pointInTime(Subparser parser) {
    parser
        .addArgument("--at")
        .metavar("TIME")
        .help(
            "a PostgreSQL cluster as of then, like 2026-11-29T15:03:00+01:00: WAL is fetched, and"
                + " replayed when it starts; `lifeboat wal` says what is covered");
    parser.addArgument("--lsn").metavar("X/Y").help("the same, to a position");
    parser.addArgument("--xid").metavar("N").help("the same, to the end of a transaction");
    parser.addArgument("--restore-point").metavar("NAME").help("the same, to a restore point");
    parser
        .addArgument("--immediate")
        .action(Arguments.storeTrue())
        .help("the same, to the end of the base backup");
    parser
        .addArgument("--timeline")
        .metavar("N")
        .help(
            "which one is followed: a number, 'snapshot' for that of the snapshot, or 'latest', as"
                + " it is if not said; alone: to its end");
    parser
        .addArgument("--exclusive")
        .action(Arguments.storeTrue())
        .help("with --at, --lsn or --xid: stop just before");
  }

  private static Optional<RecoveryGoal> goal(Session session) {
    return RecoveryGoal.of(
        new RecoveryGoal.Words(
            session.optional("at"),
            session.optional("lsn"),
            session.optional("xid"),
            session.optional("restore_point"),
            session.flag("immediate"),
            session.optional("timeline"),
            session.flag("exclusive")));
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    if (ObjectArguments.given(session)) {
      return ObjectArguments.run(session, goal(session));
    }
    Path target = target(session.optional("target").orElse(""));
    var order =
        new Engines.RestoreOrder(
            session.text("source"),
            session.snapshot(),
            RestoreSelection.of(session.all("path"), session.all("exclude")),
            target,
            new RestoreOptions(
                session.flag("delta"),
                session.flag("delete"),
                session.flag("dry_run"),
                ownership(session)),
            goal(session));
    session.requireApart(target);
    List<Affected> leftOut = new ArrayList<>();
    boolean skip = session.flag("skip");
    if (skip && order.options().delete()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--skip-damaged and --delete exclude each other: what is damaged in the snapshot would be"
              + " deleted from the target",
          "Leave --delete out.");
    }
    RestoreResult result =
        skip
            ? session.engines().restoreWhatIsLeft(order, session.progress(), leftOut::add)
            : session.engines().restore(order, session.progress());
    var document = ResultJson.document(session.operation(), result);
    document.put("target", target.toString());
    if (skip) {
      document.put("leftOut", leftOut);
    }
    Output output = session.output();
    output.answer(
        document,
        () -> {
          output.line(
              (order.options().dryRun() ? "Would restore snapshot " : "Restored snapshot ")
                  + result.snapshot()
                  + " to "
                  + target
                  + ": "
                  + Output.size(result.bytes())
                  + " in "
                  + result.files()
                  + " files, "
                  + Output.seconds(result.took()));
          if (order.options().delta()) {
            output.line(
                "  "
                    + result.restored().unchanged()
                    + " files unchanged, "
                    + result.restored().written()
                    + " written, "
                    + result.restored().deleted()
                    + " entries deleted; "
                    + Output.size(result.restored().kept())
                    + " kept, "
                    + Output.size(result.restored().fetched())
                    + " fetched");
          }
          result
              .recovery()
              .ifPresent(recovery ->
                  output.line(
                      "  as of "
                          + recovery.target()
                          + ", timeline "
                          + recovery.timeline()
                          + "; covered is up to "
                          + recovery.coveredUpTo()));
          result.notes().forEach(note -> output.line("  " + note));
          leftOut.forEach(affected -> output.line("left out: " + affected.sentence()));
        });
    return leftOut.isEmpty() ? 0 : 1;
  }

  private static Ownership ownership(Session session) {
    List<String> owners = session.all("map_owner");
    List<String> groups = session.all("map_group");
    boolean mapped = !owners.isEmpty() || !groups.isEmpty();
    if (!session.flag("no_owner")) {
      return mapped ? Ownership.mapped(owners, groups) : Ownership.asRecorded();
    }
    if (mapped) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--no-owner and owners that are mapped exclude each other",
          "Give one of them.");
    }
    return Ownership.ofWhoRestores();
  }

  private static Path target(String text) {
    if (text.isBlank()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--target is missing or empty",
          "Name a folder that is empty or does not exist.");
    }
    return Path.of(text).toAbsolutePath().normalize();
  }
}
