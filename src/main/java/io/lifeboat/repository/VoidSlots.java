package io.lifeboat.repository;

import io.lifeboat.crypto.SigningKey;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Declares objects below {@code log/} void that are no entries: whoever may write to the store can
 * put one there, and an object lock lets nobody take it away. Only what somebody names is declared
 * void, and only while nothing shows that an entry was in its place: no entry behind it, no tip
 * that this node remembers or a verification has attested.
 */
final class VoidSlots {
  private final RepositoryContext context;
  private final SigningKey admin;
  private final List<String> done = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  VoidSlots(RepositoryContext context) {
    this.context = context;
    this.admin = context.keyring().requireKit().requireAdmin();
  }

  /** What was not declared void, and why, a sentence each. */
  List<String> problems() {
    return problems;
  }

  /** Appends an entry for each of these. */
  List<String> run(Collection<String> names) {
    names.stream().sorted().forEach(this::declare);
    return done;
  }

  private void declare(String name) {
    CommitLog.View view = context.log().read();
    Optional<CommitLog.Refused> refused =
        view.refused().stream().filter(one -> Names.log(one.n()).equals(name)).findFirst();
    if (refused.isEmpty()) {
      problems.add(name + ": nothing is declared void: it counts, or is void, or is not there");
      return;
    }
    Optional<String> obstacle = refused.get().needed().or(() -> replaced(view, refused.get().n()));
    if (obstacle.isPresent()) {
      problems.add(name + ": it is not declared void: " + obstacle.get());
      return;
    }
    context
        .log()
        .append(
            admin,
            now ->
                now.refused().contains(refused.get())
                    ? Optional.of(new LogRecord.Voided(refused.get().n(), refused.get().sha256()))
                    : Optional.empty());
    done.add(name + ": it is no entry; an entry says that it is void");
  }

  /** Why an entry may have been there, by what somebody knows of the log's end. */
  private Optional<String> replaced(CommitLog.View view, long n) {
    List<String> names;
    try (Stream<ObjectInfo> objects = context.store().list(Names.ATTESTATIONS)) {
      names = objects.map(ObjectInfo::name).toList();
    }
    List<Attestation.Tip> attested =
        new Attestations(context, view, names, List.of(), Verification.Depth.L1).tips();
    return replaced(view, n, context.rememberedTip().read().stream(), "this node remembers")
        .or(() -> replaced(view, n, attested.stream(), "an attestation says"));
  }

  private Optional<String> replaced(
      CommitLog.View view, long n, Stream<Attestation.Tip> tips, String who) {
    return tips.filter(tip -> tip.n() >= n)
        .flatMap(tip -> RememberedTip.rolledBack(context.store(), view, tip, who).stream())
        .findFirst();
  }
}
