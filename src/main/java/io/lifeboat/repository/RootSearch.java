package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds root records in metadata packs that no entry of the log names, and appends the entries that
 * list them again. Anybody who knows the recipients could have made such a pack: a root counts only
 * if its domain key is one that the log or this node's service key knows, and if all that it needs
 * is there.
 */
final class RootSearch {
  private final RepositoryContext context;
  private final SigningKey admin;
  private final PackIndexReader reader;
  private final List<String> done = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  RootSearch(RepositoryContext context) {
    this.context = context;
    this.admin = context.keyring().requireKit().requireAdmin();
    this.reader = new PackIndexReader(context);
  }

  /** A metadata pack of those that end a run. */
  private record LastPack(PackRef ref, PackIndexReader.OpenedPack opened, byte[] bytes) {}

  /** A snapshot that no entry names. */
  private record Found(SnapshotInfo info, DomainKey domain, LogRecord.Snapshot entry) {}

  /** What could not be listed again, a sentence each. */
  List<String> problems() {
    return problems;
  }

  /** Lists again what is found, oldest first. */
  List<String> run(Progress progress) {
    CommitLog.View view = context.log().read();
    Map<String, List<LastPack>> sessions = lastPacks(view, progress);
    List<Found> found = new ArrayList<>();
    sessions.forEach((session, packs) ->
        attempt(
            packs.getFirst().ref().objectName(),
            () -> snapshot(session, packs).ifPresent(found::add)));
    found.stream()
        .sorted(Comparator.comparing(snapshot -> snapshot.info().startedAt()))
        .forEach(snapshot -> list(view, snapshot));
    return done;
  }

  /** The packs with roots and reference lists that no snapshot's entry names, by their sessions. */
  private Map<String, List<LastPack>> lastPacks(CommitLog.View view, Progress progress) {
    Set<PackId> named =
        view.all(LogRecord.Snapshot.class)
            .flatMap(entry -> SnapshotPacks.refs(entry).stream())
            .map(PackRef::id)
            .collect(Collectors.toSet());
    PackFates fates = PackFates.of(view);
    List<PackRef> candidates;
    try (Stream<ObjectInfo> packs =
        context.store().list(Names.PACKS + PackKind.METADATA.letter() + "/")) {
      candidates =
          packs
              .flatMap(object -> PackRef.of(object).stream())
              .filter(pack -> !named.contains(pack.id()) && !fates.isSwept(pack.id()))
              .toList();
    }
    Map<String, List<LastPack>> sessions = new TreeMap<>();
    for (PackRef ref : candidates) {
      progress.checkCancelled();
      attempt(
          ref.objectName(),
          () -> {
            PackIndexReader.OpenedPack opened = reader.open(ref);
            boolean last =
                opened.entries().stream()
                    .anyMatch(e -> e.type() == ChunkType.ROOT || e.type() == ChunkType.REFERENCES);
            byte[] all =
                last ? context.store().get(ref.objectName(), ObjectLimits.of(ref)) : new byte[0];
            if (last && Hashes.sha256Hex(all).equals(ref.id().toString())) {
              String session =
                  HexFormat.of().formatHex(reader.slots(ref, all).getFirst().session());
              sessions
                  .computeIfAbsent(session, id -> new ArrayList<>())
                  .add(new LastPack(ref, opened, all));
            }
          });
    }
    return sessions;
  }

  private Optional<Found> snapshot(String session, List<LastPack> packs) {
    List<PackEntry> entries =
        packs.stream().flatMap(pack -> pack.opened().entries().stream()).toList();
    Optional<PackEntry> root =
        entries.stream().filter(entry -> entry.type() == ChunkType.ROOT).findFirst();
    if (root.isEmpty()) {
      // A run that died before it stored its root: there never was a snapshot.
      return Optional.empty();
    }
    var last =
        new SnapshotPacks.Last(
            context.chunkSealer(),
            packs.stream().map(LastPack::opened).toList(),
            packs.stream().map(LastPack::bytes).toList());
    String name = packs.getFirst().ref().objectName();
    byte[] plain = last.chunk(root.get().chunk().toString());
    RootCodec.Root record = RootCodec.decode(plain, name);
    byte[] id = new ChunkIds(record.domain().chunkIdKey()).id(plain, 0, plain.length);
    if (!Arrays.equals(id, root.get().chunk().bytes())) {
      throw Failures.damaged(name, "its root record is not what its id says");
    }
    SnapshotInfo info = record.snapshot().info();
    byte[] summary =
        Summaries.seal(context.sealer(), record.domain().summaryKey(), info.id(), info);
    return Optional.of(
        new Found(
            info,
            record.domain(),
            new LogRecord.Snapshot(
                info.id(),
                Domains.id(record.domain()),
                session,
                SealedText.encode(summary),
                packs.stream()
                    .map(LastPack::ref)
                    .map(ref ->
                        new LogRecord.Snapshot.StoredPack(ref.id().toString(), ref.sizeBytes()))
                    .toList(),
                root.get().chunk().toString(),
                entries.stream()
                    .filter(entry -> entry.type() == ChunkType.REFERENCES)
                    .map(entry -> entry.chunk().toString())
                    .toList())));
  }

  private void list(CommitLog.View view, Found found) {
    String what =
        "snapshot " + found.info().id() + " of " + found.info().source() + " that no entry names";
    var domains = new Domains(context, view);
    boolean listed =
        view.all(LogRecord.Snapshot.class)
            .anyMatch(entry -> entry.snapshot().equals(found.info().id()));
    if (listed) {
      problems.add(what + ": another snapshot has its id");
    } else if (!isOurs(domains, found)) {
      problems.add(
          what
              + ": neither the log nor a service key knows its domain, so nothing shows that it is"
              + " ours; run the repair with the service key, or restore it by hand");
    } else {
      List<Affected> affected = new ArrayList<>();
      new TreeCheck(context, new CurrentLog(view, context.log()::read), new OpenedPacks(reader))
          .run(found.entry(), affected::add);
      if (affected.isEmpty()) {
        append(found, domains);
      } else {
        problems.add(what + " cannot be listed again: " + affected.getFirst().sentence());
      }
    }
  }

  private boolean isOurs(Domains domains, Found found) {
    return domains.contains(found.domain())
            && domains.key(Domains.id(found.domain())).equals(found.domain())
        || context
            .keyring()
            .service()
            .map(service -> service.domainKey(context.format().repository(), found.info().source()))
            .filter(found.domain()::equals)
            .isPresent();
  }

  private void append(Found found, Domains domains) {
    CommitLog.View now = context.log().read();
    if (!domains.contains(found.domain()) && !new Domains(context, now).contains(found.domain())) {
      context
          .log()
          .append(
              Domains.record(
                  context.age(),
                  found.domain(),
                  RecipientHistory.of(context.format(), now).current()),
              admin,
              view -> {});
      done.add(Names.LOG + ": the key of the domain " + Domains.id(found.domain()));
    }
    try {
      context.log().append(found.entry(), admin, new SnapshotGuard(found.entry(), needed(found)));
    } catch (LifeboatException e) {
      problems.add("snapshot " + found.info().id() + " was not listed again: " + e.getMessage());
      return;
    }
    done.add(
        Names.LOG
            + ": snapshot "
            + found.info().id()
            + " of "
            + found.info().source()
            + ", started "
            + found.info().startedAt()
            + ", which no entry names: its entry was lost, or its backup failed at the very end");
  }

  private List<References.Pack> needed(Found found) {
    SnapshotPacks.Last last = SnapshotPacks.last(context, reader, found.entry());
    return SnapshotPacks.references(last, found.entry()).packs();
  }

  private void attempt(String name, Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      String message = String.valueOf(e.getMessage());
      problems.add(message.contains(name) ? message : name + ": " + message);
    }
  }
}
