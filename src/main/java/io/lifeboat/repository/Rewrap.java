package io.lifeboat.repository;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.PutOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets recipients who came later read what was stored before: adds envelopes of the same keys for
 * them, about 2 KB each, and touches no data. It needs an identity that reads everything.
 *
 * <p>Every envelope is put under a name of its own and only if it is absent, so a run that was
 * stopped is finished by the next. Sessions are found by the packs that snapshots need: a session
 * may be that of a run which never ended, and whose packs another one found and used.
 *
 * <p>An envelope does not show whom it is for, so recipients who were missing at any time get one
 * for every session; those who were there from the beginning get none.
 */
public final class Rewrap {
  private static final int PARALLEL_READS = 8;

  private final RepositoryContext context;
  private final CommitLog.View view;
  private final PackIndexReader packs;
  private final List<XWingRecipient> readers;
  private final List<XWingRecipient> maintainers;
  private final Set<String> present;

  /** By session, the slot whose keys were passed on. */
  private final Map<String, PackSlot> sessions = new ConcurrentHashMap<>();

  private final AtomicInteger walSessions = new AtomicInteger();
  private final AtomicInteger added = new AtomicInteger();
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

  Rewrap(RepositoryContext context, CommitLog.View view) {
    this.context = context;
    this.view = view;
    this.packs = new PackIndexReader(context);
    RecipientHistory history = RecipientHistory.of(context.format(), view);
    this.readers = history.lateReaders();
    this.maintainers = history.lateMaintainers();
    try (Stream<ObjectInfo> objects = context.store().list(Names.KEYS)) {
      this.present = objects.map(ObjectInfo::name).collect(Collectors.toSet());
    }
  }

  /**
   * What a run did.
   *
   * @param recipients who came late
   * @param sessions whose keys all of them have now
   * @param envelopes that were added
   * @param problems what could not be read, a sentence each, of the log too: the late recipients
   *     cannot read it either
   */
  public record Result(int recipients, int sessions, int envelopes, List<String> problems) {
    /** Copies the list. */
    public Result {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Adds what is missing.
   *
   * @throws LifeboatException if the store fails; what was added stays, and the next run goes on
   */
  public Result run(Progress progress) {
    // An entry that does not count may be one that names a domain, a session or a recipient.
    problems.addAll(view.problems());
    if (!maintainers.isEmpty()) {
      addDomains();
      addSessions(progress);
      addWalSessions();
    }
    return new Result(
        maintainers.size(),
        sessions.size() + walSessions.get(),
        added.get(),
        problems.stream().distinct().sorted().toList());
  }

  private void addDomains() {
    var domains = new Domains(context, view);
    for (String domain : domains.ids()) {
      attempt(() -> {
        add(Envelopes.Part.DOMAIN, domain, readers, () -> domains.key(domain).secretBytes());
        add(Envelopes.Part.SUMMARY, domain, maintainers, () -> domains.summaryKey(domain));
      });
    }
  }

  /** The keys of write-ahead logs: readers only need them. */
  private void addWalSessions() {
    var objects = new WalObjects(context.format().repository());
    var envelopes = new Envelopes(context.store(), context.age());
    Map<String, VerifyKey> writers = WalArchive.writers(context, view);
    try (Stream<ObjectInfo> all = context.store().list(Names.WAL)) {
      all.map(ObjectInfo::name)
          .filter(WalArchive::isSession)
          .forEach(name ->
              attempt(() -> {
                String session = name.substring(name.lastIndexOf('/') + 1);
                byte[] envelope =
                    objects.envelope(
                        name, context.store().get(name, ObjectLimits.OTHER_BYTES), writers);
                walSessions.incrementAndGet();
                add(
                    Envelopes.Part.DATA,
                    session,
                    readers,
                    () ->
                        envelopes.open(
                            Envelopes.Part.DATA, session, envelope, context.keyring().readers()));
              }));
    }
  }

  /** The log's own packs first: they show best which keys are a session's; copies last. */
  private void addSessions(Progress progress) {
    Set<PackRef> written = new LinkedHashSet<>();
    Set<PackRef> copied = new LinkedHashSet<>();
    Set<PackId> copies =
        view.all(LogRecord.Relocate.class)
            .map(entry -> PackFates.id(entry.to()))
            .collect(Collectors.toSet());
    Relocations relocations = Relocations.of(view);
    view.all(LogRecord.Snapshot.class)
        .filter(PackFates.of(view)::isLive)
        .forEach(entry -> {
          progress.checkCancelled();
          attempt(() -> {
            SnapshotPacks.Last last = SnapshotPacks.last(context, packs, entry);
            last.packs().forEach(pack -> add(pack, entry.session()));
            relocations.apply(entry, SnapshotPacks.references(last, entry)).stream()
                .map(References.Pack::ref)
                .forEach(pack -> (copies.contains(pack.id()) ? copied : written).add(pack));
          });
        });
    add(written, progress);
    add(copied, progress);
  }

  private void add(Set<PackRef> others, Progress progress) {
    try (ExecutorService workers = StoreThreads.atMost(PARALLEL_READS, "rewrap")) {
      List<Future<?>> work = new ArrayList<>();
      for (PackRef pack : others) {
        work.add(
            workers.submit(() -> {
              progress.checkCancelled();
              attempt(() -> add(pack));
            }));
      }
      work.forEach(Waits::get);
    }
  }

  /** A pack that an entry names by its hash, and whose session the entry names, too. */
  private void add(PackIndexReader.OpenedPack pack, String session) {
    for (PackSlot slot : pack.slots()) {
      if (!slot.sessionId().equals(session)) {
        throw Failures.damaged(
            pack.ref().objectName(), "its session is not that of the log entry that names it");
      }
      add(pack.ref(), slot);
    }
  }

  /**
   * A pack that is needed. Nothing in a slot shows that its keys are those of the session that it
   * names, and who is given other keys will never read the session. So a slot serves that has the
   * envelopes which are known to be the session's; or any slot of a pack that was held against its
   * name as a whole, which runs that did not end need.
   */
  private void add(PackRef pack) {
    List<PackSlot> slots = packs.open(pack).slots();
    if (slots.stream().allMatch(slot -> sessions.containsKey(slot.sessionId()))) {
      slots.forEach(slot -> add(pack, slot));
    } else {
      packs.openWhole(pack).slots().forEach(slot -> add(pack, slot));
    }
  }

  private void add(PackRef pack, PackSlot slot) {
    PackSlot known =
        sessions.computeIfAbsent(
            slot.sessionId(),
            session -> {
              add(Envelopes.Part.DATA, session, readers, () -> packs.dataKey(slot));
              add(Envelopes.Part.FOOTER, session, maintainers, () -> packs.footerKey(slot));
              return slot;
            });
    if (!known.hasEnvelopesOf(slot)) {
      throw Failures.damaged(
          pack.objectName(),
          "its keys of session " + slot.sessionId() + " are others than those of other packs");
    }
  }

  private void add(
      Envelopes.Part part, String owner, List<XWingRecipient> recipients, Supplier<byte[]> key) {
    for (XWingRecipient recipient : recipients) {
      String name = part.name(owner, recipient);
      if (!present.contains(name)) {
        byte[] envelope = context.age().encrypt(List.of(recipient), key.get());
        if (context.store().putIfAbsent(name, new Body.Bytes(envelope)) == PutOutcome.CREATED) {
          added.incrementAndGet();
        }
      }
    }
  }

  private void attempt(Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      if (e.code().kind() != ErrorCode.Kind.INTEGRITY && e.code() != ErrorCode.KEY_MISMATCH) {
        throw e;
      }
      problems.add(String.valueOf(e.getMessage()));
    }
  }
}
