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
import java.util.Optional;
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
    context.keyring().service().ifPresent(service -> registerAgain(service, view));
    registerDomains();
    return done;
  }

  private void registerAgain(ServiceKey service, CommitLog.View view) {
    VerifyKey key = service.writer().verifyKey();
    boolean named =
        view.all(LogRecord.Writer.class).anyMatch(writer -> writer.key().equals(key.text()));
    if (!named && !view.removed(key)) {
      Set<Role> roles = view.writers().getOrDefault(key.id(), shownBy(service));
      append(
          new LogRecord.Writer(key.text(), "registered anew by a repair", roles),
          "the entry that lets the key "
              + key.id()
              + " "
              + String.join(" and ", roles.stream().map(Role::toString).toList()));
    }
  }

  /**
   * What a lost entry has said of this node's roles is shown by nothing but the keys that the node
   * was given for them. (Its maintenance identity is one of the recipients, or the repository would
   * not have been opened.)
   */
  private static Set<Role> shownBy(ServiceKey service) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    service.domainRoot().ifPresent(root -> roles.add(Role.WRITE));
    service.maintenance().ifPresent(identity -> roles.add(Role.MAINTAIN));
    return roles;
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
    List<String> tooLong = new ArrayList<>();
    try (Stream<ObjectInfo> objects = context.store().list(Names.LOG)) {
      objects
          .filter(object -> Names.isLogEntry(object.name()))
          .forEach(object -> {
            present.add(object.name());
            if (object.sizeBytes() > ObjectLimits.SIGNED_BYTES) {
              tooLong.add(LogReading.tooLong(object.name(), object.sizeBytes()));
            }
          });
    }
    if (!tooLong.isEmpty()) {
      problems.addAll(tooLong);
      return;
    }
    long listed = present.isEmpty() ? 0 : 1 + Names.logNumber(present.last());
    long length = listed;
    for (Attestation.Tip tip : tips) {
      if (tip.n() - listed < MOST_FILLED) {
        length = Math.max(length, tip.n() + 1);
      } else {
        problems.add(
            Names.log(tip.n())
                + ": entry "
                + tip.n()
                + " is remembered as the newest, and the store has none from "
                + listed
                + " on, more than a repair stands in for");
      }
    }
    long missing = length - present.size();
    // Numbers are unsigned: beyond the highest signed one they would seem to be below zero.
    if (missing < 0 || missing > MOST_FILLED) {
      problems.add(
          Names.log(length - 1)
              + ": "
              + Long.toUnsignedString(missing)
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
    Optional<ServiceKey> service = context.keyring().service();
    var repaired =
        new LogRecord.Repaired(
            next,
            service.map(node -> node.writer().verifyKey().text()).stream().toList(),
            service.map(LogRepair::shownBy).orElse(Set.of()));
    var entry =
        new LogEntry(n, previous, context.clock().instant(), admin.verifyKey().id(), repaired);
    var body = new Body.Bytes(entry.sign(admin));
    if (context.store().putIfAbsent(Names.log(n), body) == PutOutcome.CREATED) {
      done.add(Names.log(n) + ": it was missing; an entry says so in its place");
    }
  }
}
