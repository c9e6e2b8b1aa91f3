package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The packs that a snapshot's log entry names itself: they hold its root record and its reference
 * list.
 */
final class SnapshotPacks {
  private SnapshotPacks() {}

  /** Those packs, whole and opened. */
  record Last(ChunkSealer sealer, List<PackIndexReader.OpenedPack> packs, List<byte[]> bytes) {
    byte[] chunk(String id) {
      for (int i = 0; i < packs.size(); i++) {
        for (PackEntry entry : packs.get(i).entries()) {
          if (entry.chunk().toString().equals(id)) {
            return PackIndexReader.chunk(packs.get(i), entry, bytes.get(i), 0, sealer);
          }
        }
      }
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The packs that a log entry names lack its chunk " + id,
          Hints.VERIFY);
    }
  }

  /** Reads them; small, so as a whole, and checked against their names. */
  static Last last(RepositoryContext context, PackIndexReader reader, LogRecord.Snapshot entry) {
    ObjectStore store = context.store();
    var opened = new ArrayList<PackIndexReader.OpenedPack>();
    var bytes = new ArrayList<byte[]>();
    for (PackRef ref : refs(entry)) {
      byte[] all = store.get(ref.objectName(), ObjectLimits.of(ref));
      if (!Hashes.sha256Hex(all).equals(ref.id().toString())) {
        throw new PermanentException(
            ErrorCode.OBJECT_DAMAGED,
            ref.objectName() + ": its bytes do not match its name",
            Hints.VERIFY);
      }
      opened.add(reader.open(ref, all));
      bytes.add(all);
    }
    return new Last(context.chunkSealer(), opened, bytes);
  }

  static List<PackRef> refs(LogRecord.Snapshot entry) {
    return entry.packs().stream()
        .map(pack ->
            new PackRef(
                PackId.parse(pack.id(), "snapshot " + entry.snapshot()),
                PackKind.METADATA,
                pack.sizeBytes()))
        .toList();
  }

  /** Reads the reference list; a maintenance identity serves. */
  static References references(Last last, LogRecord.Snapshot entry) {
    var list = new ByteArrayOutputStream();
    entry.references().forEach(chunk -> list.writeBytes(last.chunk(chunk)));
    return References.decode(
        list.toByteArray(), "the reference list of snapshot " + entry.snapshot());
  }
}
