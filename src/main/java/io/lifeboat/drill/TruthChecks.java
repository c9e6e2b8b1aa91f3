package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RowCount;
import io.lifeboat.postgres.TruthManifest;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.postgres.TruthManifest.Membership;
import io.lifeboat.postgres.TruthManifest.Relation;
import io.lifeboat.postgres.TruthManifest.Role;
import io.lifeboat.postgres.TruthManifest.Sequence;
import io.lifeboat.postgres.TruthSql;
import io.lifeboat.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds a booted copy against the truth manifest of its backup. Made for copies that end where the
 * backup ended: at another point in time other numbers are right. For one thread, once.
 */
final class TruthChecks {
  private final PostgresScratch scratch;
  private final Optional<TruthManifest> truth;
  private final CheckLog checks;
  private final Progress progress;
  private final TruthTally counts = new TruthTally(BuiltInCheck.COUNTS);
  private final TruthTally digests = new TruthTally(BuiltInCheck.DIGESTS);
  private final TruthTally newest = new TruthTally(BuiltInCheck.NEWEST);
  private final TruthTally sequences = new TruthTally(BuiltInCheck.SEQUENCES);
  private final TruthTally extensions = new TruthTally(BuiltInCheck.EXTENSIONS);
  private final TruthTally roles = new TruthTally(BuiltInCheck.ROLES);

  TruthChecks(
      PostgresScratch scratch, Optional<TruthManifest> truth, CheckLog checks, Progress progress) {
    this.scratch = scratch;
    this.truth = truth;
    this.checks = checks;
    this.progress = progress;
  }

  void run() {
    if (truth.isEmpty()) {
      checks.skipOptional(BuiltInCheck.COUNTS, "no truth manifest was taken with this backup");
      return;
    }
    for (Database database : truth.get().databases()) {
      var copy = new CopyQuestions(scratch, database.name(), progress);
      if (copy.greet() instanceof SqlOutcome.Refused refused) {
        counts.refused("database " + database.name(), refused);
        continue;
      }
      List<Relation> there = existing(copy, database);
      count(copy, database.name(), there);
      newest(copy, database.name(), there);
      sequences(copy, database);
      extensions(copy, database);
    }
    roles(new CopyQuestions(scratch, "template1", progress), truth.get());
    counts.report(checks, "tables have as many rows as when they were backed up");
    digests.report(checks, "tables have the same rows as when they were backed up");
    newest.report(checks, "tables have their newest row");
    sequences.report(checks, "sequences are not behind");
    extensions.report(checks, "extensions have the same version");
    roles.report(checks, "roles and memberships are the same");
  }

  private List<Relation> existing(CopyQuestions copy, Database database) {
    var there = new ArrayList<Relation>();
    copy.ask(
        database.relations(),
        relation ->
            exists(
                "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
                    + TruthSql.literal(relation.schema())
                    + " AND c.relname = "
                    + TruthSql.literal(relation.name())
                    + " AND c.relkind = "
                    + TruthSql.literal(relation.kind())),
        (relation, answer) -> {
          if (answer.getFirst().equals("true")) {
            there.add(relation);
          } else {
            counts.judge(false, name(relation, database.name()) + " is missing");
          }
        },
        (relation, refused) -> counts.refused(name(relation, database.name()), refused));
    return there;
  }

  private void count(CopyQuestions copy, String database, List<Relation> relations) {
    List<Relation> counted = new ArrayList<>();
    for (Relation relation : relations) {
      if (relation.rows() instanceof RowCount.NotCounted not) {
        if (isTable(relation)) {
          counts.passOver(name(relation, database) + ", as " + not.reason());
        }
      } else {
        counted.add(relation);
      }
    }
    var withoutDigest = new ArrayList<Relation>();
    copy.ask(
        counted,
        relation -> count(relation, relation.digest().isPresent()),
        (relation, answer) -> {
          judgeCount(relation, database, answer.getFirst());
          relation
              .digest()
              .ifPresent(digest ->
                  digests.judge(
                      digest.equals(answer.get(1)), name(relation, database) + " has other rows"));
        },
        (relation, refused) -> {
          if (relation.digest().isPresent() && TruthTally.isWithoutLibrary(refused)) {
            digests.refused(name(relation, database), refused);
            withoutDigest.add(relation);
          } else {
            counts.refused(name(relation, database), refused);
          }
        });
    copy.ask(
        withoutDigest,
        relation -> count(relation, false),
        (relation, answer) -> judgeCount(relation, database, answer.getFirst()),
        (relation, refused) -> counts.refused(name(relation, database), refused));
  }

  private static String count(Relation relation, boolean withDigest) {
    return TruthSql.count(relation.schema(), relation.name(), withDigest);
  }

  private void judgeCount(Relation relation, String database, String found) {
    long rows = Long.parseLong(found);
    String name = name(relation, database);
    switch (relation.rows()) {
      case RowCount.Exact exact ->
          counts.judge(rows == exact.rows(), name + " has " + rows + " rows, not " + exact.rows());
      case RowCount.Between between ->
          counts.judge(
              rows >= between.low() && rows <= between.high(),
              name
                  + " has "
                  + rows
                  + " rows, not between "
                  + between.low()
                  + " and "
                  + between.high());
      case RowCount.NotCounted not -> counts.passOver(name + ", as " + not.reason());
    }
  }

  private void newest(CopyQuestions copy, String database, List<Relation> relations) {
    copy.ask(
        relations.stream().filter(relation -> relation.newest().isPresent()).toList(),
        relation -> TruthSql.newest(relation, relation.newest().orElseThrow()),
        (relation, answer) -> {
          TruthManifest.Newest expected = relation.newest().orElseThrow();
          newest.judge(
              answer.get(1).equals("true"),
              name(relation, database)
                  + " ends at "
                  + expected.column()
                  + " "
                  + (answer.get(0).isEmpty() ? "nothing" : answer.get(0))
                  + ", not "
                  + (expected.low().equals(expected.high())
                      ? expected.low()
                      : "between " + expected.low() + " and " + expected.high()));
        },
        (relation, refused) -> newest.refused(name(relation, database), refused));
  }

  private void sequences(CopyQuestions copy, Database database) {
    copy.ask(
        database.sequences(),
        sequence ->
            "SELECT (SELECT pg_sequence_last_value(c.oid)::text FROM pg_class c JOIN pg_namespace n"
                + " ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND n.nspname = "
                + TruthSql.literal(sequence.schema())
                + " AND c.relname = "
                + TruthSql.literal(sequence.name())
                + ")",
        (sequence, answer) -> {
          String found = answer.getFirst();
          sequences.judge(
              !found.isEmpty() && reaches(sequence, Long.parseLong(found)),
              name(sequence, database)
                  + " is at "
                  + (found.isEmpty() ? "no value" : found)
                  + ", not at "
                  + sequence.lastValue());
        },
        (sequence, refused) -> sequences.refused(name(sequence, database), refused));
  }

  private static boolean reaches(Sequence sequence, long found) {
    return sequence.increment() > 0 ? found >= sequence.lastValue() : found <= sequence.lastValue();
  }

  private void extensions(CopyQuestions copy, Database database) {
    copy.ask(
        database.extensions(),
        extension ->
            "SELECT (SELECT extversion FROM pg_extension WHERE extname = "
                + TruthSql.literal(extension.name())
                + ")",
        (extension, answer) ->
            extensions.judge(
                answer.getFirst().equals(extension.version()),
                name(extension, database)
                    + (answer.getFirst().isEmpty()
                        ? " is missing"
                        : " is " + answer.getFirst() + ", not " + extension.version())),
        (extension, refused) -> extensions.refused(name(extension, database), refused));
  }

  private void roles(CopyQuestions copy, TruthManifest manifest) {
    copy.ask(
        manifest.roles(),
        role ->
            "SELECT (SELECT 'role ' || "
                + TruthSql.ROLE_ATTRIBUTES
                + " FROM pg_roles r WHERE r.rolname = "
                + TruthSql.literal(role.name())
                + ")",
        (role, answer) -> judgeRole(role, answer.getFirst()),
        (role, refused) -> roles.refused("role " + role.name(), refused));
    copy.ask(
        manifest.memberships(),
        membership ->
            exists(
                "pg_auth_members WHERE pg_get_userbyid(roleid) = "
                    + TruthSql.literal(membership.role())
                    + " AND pg_get_userbyid(member) = "
                    + TruthSql.literal(membership.member())),
        (membership, answer) ->
            roles.judge(answer.getFirst().equals("true"), name(membership) + " is not so"),
        (membership, refused) -> roles.refused(name(membership), refused));
  }

  private void judgeRole(Role role, String found) {
    String problem =
        found.isEmpty()
            ? "role " + role.name() + " is missing"
            : "role "
                + role.name()
                + " has '"
                + found.substring("role ".length())
                + "', not '"
                + role.attributes()
                + "'";
    roles.judge(found.equals("role " + role.attributes()), problem);
  }

  private static String exists(String where) {
    return "SELECT EXISTS (SELECT FROM " + where + ")::text";
  }

  private static boolean isTable(Relation relation) {
    return relation.kind().equals("r") && relation.persistence().equals("p");
  }

  private static String name(Relation relation, String database) {
    return relation.schema() + "." + relation.name() + " in " + database;
  }

  private static String name(Sequence sequence, Database database) {
    return sequence.schema() + "." + sequence.name() + " in " + database.name();
  }

  private static String name(ClusterFacts.Extension extension, Database database) {
    return "extension " + extension.name() + " in " + database.name();
  }

  private static String name(Membership membership) {
    return "that " + membership.member() + " is a member of " + membership.role();
  }
}
