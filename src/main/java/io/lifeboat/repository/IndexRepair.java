package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Finds packs that no index segment names, and names them in new segments, from their footers. A
 * pack is named only after its whole bytes were held against its name: a later backup relies on
 * what the index says. Which domain it belongs to is told by the reference lists, or, with a
 * recovery identity, by its chunks.
 */
final class IndexRepair {
  private static final int PARALLEL = 4;
  private static final int PACKS_A_SEGMENT = 256;

  private final RepositoryContext context;
  private final CommitLog.View view;
  private final PackFates fates;
  private final Relocations relocations;
  private final PackIndexReader reader;
  private final Map<String, DomainKey> domains = new TreeMap<>();
  private final Map<PackId, String> referenced = new HashMap<>();
  private final Set<PackId> named = new HashSet<>();

  IndexRepair(RepositoryContext context, CommitLog.View view) {
    this.context = context;
    this.view = view;
    this.fates = PackFates.of(view);
    this.relocations = Relocations.of(view);
    this.reader = new PackIndexReader(context);
    view.all(LogRecord.Snapshot.class).filter(fates::isLive).forEach(this::read);
    // Writers find chunks that were copied by the log, and by the footer of the copy.
    view.all(LogRecord.Relocate.class)
        .forEach(relocate -> named.add(PackFates.ref(relocate.to()).id()));
    if (context.keyring().kit().isPresent()) {
      var keys = new Domains(context, view);
      view.all(LogRecord.Domain.class)
          .forEach(domain -> domains.put(domain.domain(), keys.key(domain.domain())));
    }
    domains.forEach((id, key) -> named.addAll(segments(id, key).named()));
  }

  private void read(LogRecord.Snapshot entry) {
    SnapshotPacks.refs(entry).forEach(pack -> named.add(pack.id()));
    try {
      SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
      relocations
          .apply(entry, SnapshotPacks.references(last, entry))
          .forEach(pack -> referenced.put(pack.ref().id(), entry.domain()));
      context
          .keyring()
          .service()
          .filter(service -> service.domainRoot().isPresent())
          .flatMap(service -> domain(service, entry))
          .ifPresent(key -> domains.put(entry.domain(), key));
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      // A snapshot whose list cannot be read tells of no pack; verify names it.
    }
  }

  private Optional<DomainKey> domain(ServiceKey service, LogRecord.Snapshot entry) {
    var keys = new Domains(context, view);
    SnapshotInfo info =
        Summaries.open(
            context.sealer(),
            keys.summaryKey(entry.domain()),
            entry.snapshot(),
            entry.summary(),
            SnapshotInfo.class);
    DomainKey key = service.domainKey(context.format().repository(), info.source());
    // Another node's sources hang on its own root.
    return Optional.of(key).filter(ours -> Domains.id(ours).equals(entry.domain()));
  }

  private IndexSegments segments(String domain, DomainKey key) {
    return new IndexSegments(context.store(), context.sealer(), domain, key.indexKey());
  }

  /** How many of these packs snapshots need, and no segment names, of each domain we know. */
  Map<String, Long> unnamed(Collection<PackRef> packs) {
    Map<String, Long> counts = new TreeMap<>();
    packs.stream()
        .filter(pack -> !named.contains(pack.id()))
        .map(pack -> Optional.ofNullable(referenced.get(pack.id())))
        .flatMap(Optional::stream)
        .filter(domains::containsKey)
        .forEach(domain -> counts.merge(domain, 1L, Long::sum));
    return counts;
  }

  /** What was done, a sentence each. */
  List<String> run(Progress progress) {
    List<ObjectInfo> candidates = new ArrayList<>();
    try (Stream<ObjectInfo> packs = context.store().list(Names.PACKS)) {
      packs
          .filter(object ->
              PackRef.of(object)
                  .filter(pack -> !named.contains(pack.id()) && !fates.isAbsent(pack.id()))
                  .isPresent())
          .forEach(candidates::add);
    }
    Map<PackRef, IndexSegments.Pack> found = new ConcurrentHashMap<>();
    Map<PackRef, String> owners = new ConcurrentHashMap<>();
    progress.expect(candidates.stream().mapToLong(ObjectInfo::sizeBytes).sum());
    new BoundedWork(PARALLEL)
        .each(
            candidates,
            "repair",
            object -> {
              progress.checkCancelled();
              look(object, found, owners);
              progress.advance(object.sizeBytes(), 1);
            });
    List<String> done = new ArrayList<>();
    domains.forEach((domain, key) -> {
      List<IndexSegments.Pack> packs =
          owners.entrySet().stream()
              .filter(owner -> owner.getValue().equals(domain))
              .sorted(java.util.Comparator.comparing(owner -> owner.getKey().id().toString()))
              .map(owner -> found.get(owner.getKey()))
              .toList();
      for (int from = 0; from < packs.size(); from += PACKS_A_SEGMENT) {
        int to = Math.min(packs.size(), from + PACKS_A_SEGMENT);
        segments(domain, key).write(packs.subList(from, to));
      }
      if (!packs.isEmpty()) {
        done.add(Names.index(domain) + ": " + packs.size() + " packs that no segment named");
      }
    });
    return done;
  }

  private void look(
      ObjectInfo object, Map<PackRef, IndexSegments.Pack> found, Map<PackRef, String> owners) {
    PackRef ref = PackRef.of(object).orElseThrow();
    Optional<String> known = Optional.ofNullable(referenced.get(ref.id()));
    if (known.isEmpty() && context.keyring().kit().isEmpty()) {
      return;
    }
    try {
      byte[] all = context.store().get(object.name(), ObjectLimits.of(object));
      if (!Hashes.sha256Hex(all).equals(ref.id().toString())) {
        return;
      }
      PackIndexReader.OpenedPack pack = reader.open(ref, all);
      // Roots and reference lists are stored anew each time: what a run left of them is garbage.
      boolean last =
          pack.entries().stream()
              .anyMatch(e -> e.type() == ChunkType.ROOT || e.type() == ChunkType.REFERENCES);
      Optional<String> owner = known.or(() -> last ? Optional.empty() : owner(pack, all));
      if (!last && owner.isPresent()) {
        found.put(
            ref,
            new IndexSegments.Pack(ref, pack.entries().stream().map(PackEntry::chunk).toList()));
        owners.put(ref, owner.get());
      }
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      // Not to be relied on; verify names it.
    }
  }

  /** The domain that all chunks of a pack are of. */
  private Optional<String> owner(PackIndexReader.OpenedPack pack, byte[] all) {
    return domains.entrySet().stream()
        .filter(domain ->
            new ChunkCheck(context, List.of(new ChunkIds(domain.getValue().chunkIdKey())))
                .run(pack, all, (entry, why) -> {}))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
