package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.PutOutcome;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a log whose entries are partly lost one that can be read to its end and continued. Each
 * slot below the highest entry that is empty gets a {@code repaired} entry by the admin key, the
 * last of a gap names the hash of the entry behind it: so the chain holds again, and shows where it
 * was mended.
 */
final class LogRepair {
  /** More were not lost: somebody put an object with a high number there. */
  private static final int MOST_FILLED = 1000;

  private final RepositoryContext context;
  private final SigningKey admin;
  private final List<Attestation.Tip> tips;
  private final List<String> done = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * A repair.
   *
   * @param tips what the log is known to have ended with once: entries up to there are lost, too
   */
  LogRepair(RepositoryContext context, List<Attestation.Tip> tips) {
    this.context = context;
    this.tips = List.copyOf(tips);
    this.admin = context.keyring().requireKit().requireAdmin();
  }

  /** What could not be mended, a sentence each. */
  List<String> problems() {
    return problems;
  }

  /** Fills the gaps, and makes sure that the log has a beginning and knows nodes and domains. */
  List<String> run() {
    context.log().read().requireOriginal();
    fillGaps();
    CommitLog.View view = context.log().read();
    if (view.all(LogRecord.Genesis.class).findAny().isEmpty()) {
      append(
          new LogRecord.Genesis(context.format().repository(), context.formatSha256()),
          "the entry that binds the log to its repository");
    }
    context
        .keyring()
        .service()
        .filter(service -> !view.writers().containsKey(service.writer().verifyKey().id()))
        .filter(service -> !view.removed(service.writer().verifyKey()))
        .ifPresent(this::registerAgain);
    registerDomains();
    return done;
  }

  private void registerAgain(ServiceKey service) {
    VerifyKey key = service.writer().verifyKey();
    Set<Role> roles = EnumSet.noneOf(Role.class);
    service.domainRoot().ifPresent(root -> roles.add(Role.WRITE));
    service.maintenance().ifPresent(identity -> roles.add(Role.MAINTAIN));
    append(
        new LogRecord.Writer(key.text(), "registered anew by a repair", roles),
        "the entry that lets the key " + key.id() + " write");
  }

  /** A root record brings its domain's key along, and its snapshot's entry says which it is. */
  private void registerDomains() {
    CommitLog.View view = context.log().read();
    Set<String> known =
        view.all(LogRecord.Domain.class)
            .map(LogRecord.Domain::domain)
            .collect(Collectors.toCollection(HashSet::new));
    var reader = new PackIndexReader(context);
    for (LogRecord.Snapshot entry : view.all(LogRecord.Snapshot.class).toList()) {
      if (known.contains(entry.domain())) {
        continue;
      }
      try {
        byte[] root = SnapshotPacks.last(context, reader, entry).chunk(entry.root());
        DomainKey key = RootCodec.decode(root, "snapshot " + entry.snapshot()).domain();
        if (Domains.id(key).equals(entry.domain())) {
          known.add(entry.domain());
          append(
              Domains.record(
                  context.age(), key, RecipientHistory.of(context.format(), view).current()),
              "the key of the domain " + entry.domain());
        }
      } catch (LifeboatException e) {
        if (!OpenedPacks.isDamage(e)) {
          throw e;
        }
        problems.add("snapshot " + entry.snapshot() + ": " + e.getMessage());
      }
    }
  }

  private void append(LogRecord body, String what) {
    context.log().append(body, admin, view -> {});
    done.add(Names.LOG + ": " + what);
  }

  private void fillGaps() {
    var present = new TreeSet<String>();
    try (Stream<ObjectInfo> objects = context.store().list(Names.LOG)) {
      objects.map(ObjectInfo::name).filter(CommitLog::isEntry).forEach(present::add);
    }
    long length = tips.stream().mapToLong(tip -> tip.n() + 1).max().orElse(0);
    if (!present.isEmpty()) {
      length = Math.max(length, 1 + Names.logNumber(present.last()));
    }
    if (length - present.size() > MOST_FILLED) {
      problems.add(
          Names.log(length - 1)
              + ": "
              + (length - present.size())
              + " entries before it are missing, more than a repair stands in for; if this is a"
              + " stray object, remove it");
      return;
    }
    String previous = CommitLog.NO_PREVIOUS;
    for (long n = 0; n < length; n++) {
      String name = Names.log(n);
      if (!present.contains(name)) {
        String behind = Names.log(n + 1);
        String next =
            present.contains(behind)
                ? Hashes.sha256Hex(context.store().get(behind, ObjectLimits.SIGNED_BYTES))
                : "";
        fill(n, previous, next);
      }
      previous = Hashes.sha256Hex(context.store().get(name, ObjectLimits.SIGNED_BYTES));
    }
  }

  private void fill(long n, String previous, String next) {
    List<String> writers =
        context.keyring().service().map(service -> service.writer().verifyKey().text()).stream()
            .toList();
    var entry =
        new LogEntry(
            n,
            previous,
            context.clock().instant(),
            admin.verifyKey().id(),
            new LogRecord.Repaired(next, writers));
    var body = new Body.Bytes(entry.sign(admin));
    if (context.store().putIfAbsent(Names.log(n), body) == PutOutcome.CREATED) {
      done.add(Names.log(n) + ": it was missing; an entry says so in its place");
    }
  }
}
