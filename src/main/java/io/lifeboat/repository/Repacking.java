package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Copies the chunks that are needed out of packs that are mostly dead, blindly: a chunk is bound to
 * its id and not to its place, so it goes into a new pack sealed as it is, with the slot that its
 * key comes from. Not thread-safe.
 */
final class Repacking {
  private static final long FULL_BYTES = 64L << 20;

  /** A slot takes some 5 KB, and whoever opens the pack reads all of them. */
  private static final int MOST_ORIGINS = 256;

  private static final int PARALLEL_READS = 16;
  private static final int PACKS_AT_ONCE = 256;

  private final RepositoryContext context;
  private final Liveness live;
  private final PackIndexReader reader;
  private final Session session;

  Repacking(
      RepositoryContext context,
      PackIndexReader reader,
      Liveness live,
      Session.Recipients recipients) {
    this.context = context;
    this.live = live;
    this.reader = reader;
    this.session = new Session(context.random(), context.age(), recipients);
  }

  /** What would be copied. */
  Maintenance.Repacked look(List<PackRef> candidates, double mostlyDead, Progress progress) {
    return repacked(choose(candidates, mostlyDead, progress));
  }

  private static Maintenance.Repacked repacked(List<Chosen> all) {
    return new Maintenance.Repacked(
        PackTally.of(all.stream().map(Chosen::pack).toList()),
        all.stream().mapToLong(chosen -> chosen.pack().sizeBytes() - chosen.liveBytes()).sum());
  }

  /** Copies, and makes each copy known. */
  Maintenance.Repacked run(List<PackRef> candidates, double mostlyDead, Progress progress) {
    var copied = new ArrayList<Chosen>();
    try (SpoolFolder spool = SpoolFolder.open(context.spool())) {
      for (PackKind kind : PackKind.values()) {
        List<PackRef> ofKind = candidates.stream().filter(pack -> pack.kind() == kind).toList();
        var batch = new ArrayList<Chosen>();
        long batchBytes = 0;
        for (Chosen chosen : choose(ofKind, mostlyDead, progress)) {
          progress.checkCancelled();
          batch.add(chosen);
          batchBytes += chosen.liveBytes();
          copied.add(chosen);
          if (batchBytes >= FULL_BYTES || batch.size() == MOST_ORIGINS) {
            copy(kind, batch, spool);
            batch.clear();
            batchBytes = 0;
          }
        }
        copy(kind, batch, spool);
      }
    }
    return repacked(copied);
  }

  /** A pack of which little is needed. */
  private record Chosen(PackRef pack, BitSet ordinals, long liveBytes) {}

  /** Looks into all of them, some at a time, so that a store far away does not make it wait. */
  private List<Chosen> choose(List<PackRef> packs, double mostlyDead, Progress progress) {
    var all = new ArrayList<Chosen>();
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "footers")) {
      for (int at = 0; at < packs.size(); at += PACKS_AT_ONCE) {
        progress.checkCancelled();
        List<Future<Optional<Chosen>>> some =
            packs.subList(at, Math.min(packs.size(), at + PACKS_AT_ONCE)).stream()
                .map(pack -> readers.submit(() -> choose(pack, mostlyDead)))
                .toList();
        some.forEach(chosen -> Waits.get(chosen).ifPresent(all::add));
      }
    }
    return all;
  }

  private Optional<Chosen> choose(PackRef pack, double mostlyDead) {
    BitSet ordinals = live.of(pack.id());
    List<PackEntry> entries = reader.open(pack).entries();
    if (ordinals.length() > entries.size()) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          pack.objectName() + ": a snapshot needs chunks that it does not have",
          "Nothing of it was copied or removed. " + Hints.VERIFY);
    }
    long liveBytes = ordinals.stream().mapToLong(o -> entries.get(o).sealedBytes()).sum();
    boolean dead = liveBytes <= (1 - mostlyDead) * pack.sizeBytes();
    return dead ? Optional.of(new Chosen(pack, ordinals, liveBytes)) : Optional.empty();
  }

  private void copy(PackKind kind, List<Chosen> batch, SpoolFolder spool) {
    if (batch.isEmpty()) {
      return;
    }
    var target = new OpenPack(0, kind, context.format().id(), session, spool.path());
    var moves = new ArrayList<LogRecord.Move>();
    try {
      batch.forEach(chosen -> moves.add(copy(chosen, target)));
    } catch (LifeboatException e) {
      target.discard();
      throw e;
    }
    OpenPack.Finished finished = target.finish(context.sealer(), context.random());
    store(finished);
    context
        .log()
        .append(
            new LogRecord.Relocate(PackFates.named(finished.ref()), moves),
            context.keyring().signer(),
            view -> requireNotSwept(finished.ref(), view));
  }

  /** Until its entry is there a copy is garbage, which somebody else may have swept meanwhile. */
  private static void requireNotSwept(PackRef copy, CommitLog.View view) {
    if (PackFates.of(view).isSwept(copy.id())) {
      throw new TransientException(
          ErrorCode.PACKS_SWEPT,
          "Another prune has removed a pack that this one had just written: " + copy.objectName(),
          "Nothing is lost. Prune again, with `uncommitted` longer than a prune takes.");
    }
  }

  private LogRecord.Move copy(Chosen chosen, OpenPack target) {
    byte[] bytes = context.store().get(chosen.pack().objectName(), ObjectLimits.of(chosen.pack()));
    if (!Hashes.sha256Hex(bytes).equals(chosen.pack().id().toString())) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          chosen.pack().objectName() + ": its bytes do not match its name",
          "Nothing of it was copied or removed. " + Hints.VERIFY);
    }
    PackIndexReader.OpenedPack opened = reader.open(chosen.pack(), bytes);
    Map<Integer, Integer> slots = new HashMap<>();
    int first = -1;
    BitSet ordinals = chosen.ordinals();
    for (int o = ordinals.nextSetBit(0); o >= 0; o = ordinals.nextSetBit(o + 1)) {
      PackEntry entry = opened.entries().get(o);
      int slot =
          slots.computeIfAbsent(entry.slot(), there -> target.addSlot(opened.slots().get(there)));
      int from = Math.toIntExact(entry.offsetBytes());
      byte[] sealed = Arrays.copyOfRange(bytes, from, from + entry.sealedBytes());
      int at = target.copy(entry, slot, sealed);
      first = first < 0 ? at : first;
    }
    return new LogRecord.Move(
        PackFates.named(chosen.pack()), SealedText.encode(ordinals.toByteArray()), first);
  }

  private void store(OpenPack.Finished finished) {
    context
        .store()
        .putIfAbsent(
            finished.ref().objectName(),
            new Body.SpooledFile(finished.file(), finished.ref().sizeBytes()));
    try {
      Files.deleteIfExists(finished.file());
    } catch (IOException e) {
      throw OpenPack.spoolFailed(finished.file(), e);
    }
  }
}
