package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Opens packs: reads their tails, opens the envelopes with the identities at hand (once for each
 * session) and the footer. Thread-safe.
 */
final class PackIndexReader {
  private static final int FIRST_READ_BYTES = 24 << 10;
  private static final int READ_BYTES = 4 << 20;

  private final ObjectStore store;
  private final MessageSealer sealer;
  private final Envelopes envelopes;
  private final List<XWingIdentity> readers;
  private final List<XWingIdentity> maintainers;

  PackIndexReader(RepositoryContext context) {
    this.store = context.store();
    this.sealer = context.sealer();
    this.envelopes = new Envelopes(context.store(), context.age());
    this.readers = context.keyring().readers();
    this.maintainers = context.keyring().requireMaintainers();
  }

  /**
   * A pack that was opened.
   *
   * @param slots where its chunks' keys come from
   * @param keys of each slot
   */
  record OpenedPack(
      PackRef ref, List<PackEntry> entries, List<PackSlot> slots, List<PackKeys> keys) {
    /** All that opening a chunk of it takes: a snapshot may need very many packs. */
    OpenedPack withoutLists() {
      return new OpenedPack(ref, List.of(), List.of(), keys);
    }
  }

  /** Reads a pack's tail from the store. */
  OpenedPack open(PackRef pack) {
    return open(pack, tail(pack));
  }

  private byte[] tail(PackRef pack) {
    String name = pack.objectName();
    int first = (int) Math.min(FIRST_READ_BYTES, pack.sizeBytes());
    byte[] tail = store.getRange(name, pack.sizeBytes() - first, first);
    int needed = tailBytes(tail, pack);
    if (needed > tail.length) {
      tail = store.getRange(name, pack.sizeBytes() - needed, needed);
    }
    return tail;
  }

  /**
   * Opens a pack after all of its bytes were held against its name, so that its slots and its
   * footer are what whoever names the pack means. Holds no more than the tail in memory.
   *
   * @throws PermanentException with code {@code OBJECT_DAMAGED} if they are others
   */
  OpenedPack openWhole(PackRef pack) {
    String name = pack.objectName();
    int tailBytes = tail(pack).length;
    MessageDigest digest = Hashes.sha256();
    long tailAt = pack.sizeBytes() - tailBytes;
    for (long at = 0; at < tailAt; at += READ_BYTES) {
      digest.update(store.getRange(name, at, (int) Math.min(READ_BYTES, tailAt - at)));
    }
    byte[] tail = store.getRange(name, tailAt, tailBytes);
    digest.update(tail);
    if (!Arrays.equals(digest.digest(), pack.id().bytes())) {
      throw damaged(name, "its bytes do not match its name");
    }
    return open(pack, tail);
  }

  /** Opens a pack whose last bytes, or all of them, are at hand. */
  OpenedPack open(PackRef pack, byte[] tail) {
    String name = pack.objectName();
    return Failures.naming(
        name,
        () -> {
          int needed = tailBytes(tail, pack);
          if (needed > tail.length) {
            throw damaged(name, "its tail is cut short");
          }
          int slotsBytes = slotsBytes(tail);
          int slotsAt = tail.length - PackLayout.TRAILER_BYTES - slotsBytes;
          byte[] slotBytes = Arrays.copyOfRange(tail, slotsAt, slotsAt + slotsBytes);
          List<PackSlot> slots = PackLayout.parseSlots(slotBytes, name);
          if (slots.isEmpty()) {
            throw damaged(name, "it has no slot");
          }
          List<PackKeys> keys = slots.stream().map(this::keys).toList();
          byte[] footer = Arrays.copyOfRange(tail, tail.length - needed, slotsAt);
          byte[] plain = sealer.open(keys.getFirst().footer(), OpenPack.FOOTER_CONTEXT, footer);
          List<PackEntry> entries = PackLayout.parseFooter(plain, slots.size(), name);
          if (!entries.isEmpty()) {
            PackEntry last = entries.getLast();
            if (last.offsetBytes() + last.sealedBytes() > pack.sizeBytes() - needed) {
              throw damaged(name, "its footer lists more bytes than there are");
            }
          }
          return new OpenedPack(pack, entries, slots, keys);
        });
  }

  /** The slots of a pack whose last bytes, or all of them, are at hand and were opened before. */
  List<PackSlot> slots(PackRef pack, byte[] tail) {
    int slotsAt = tail.length - PackLayout.TRAILER_BYTES - slotsBytes(tail);
    byte[] slots = Arrays.copyOfRange(tail, slotsAt, tail.length - PackLayout.TRAILER_BYTES);
    return PackLayout.parseSlots(slots, pack.objectName());
  }

  /** How many bytes footer, slots and trailer take. */
  private static int tailBytes(byte[] tail, PackRef pack) {
    String name = pack.objectName();
    if (tail.length < PackLayout.TRAILER_BYTES) {
      throw damaged(name, "it is cut short");
    }
    ByteBuffer trailer =
        ByteBuffer.wrap(tail, tail.length - PackLayout.TRAILER_BYTES, PackLayout.TRAILER_BYTES);
    long footer = Integer.toUnsignedLong(trailer.getInt());
    long slots = Integer.toUnsignedLong(trailer.getInt());
    byte[] magic = new byte[PackLayout.TRAILER_MAGIC.length];
    trailer.get(magic);
    long needed = footer + slots + PackLayout.TRAILER_BYTES;
    if (!Arrays.equals(magic, PackLayout.TRAILER_MAGIC)
        || needed > pack.sizeBytes() - PackLayout.HEAD_BYTES
        || needed > Integer.MAX_VALUE - 16) {
      throw damaged(name, "its trailer is broken");
    }
    return (int) needed;
  }

  private static int slotsBytes(byte[] tail) {
    return ByteBuffer.wrap(tail).getInt(tail.length - PackLayout.TRAILER_BYTES + Integer.BYTES);
  }

  private PackKeys keys(PackSlot slot) {
    Optional<byte[]> data = readers.isEmpty() ? Optional.empty() : Optional.of(dataKey(slot));
    return PackKeys.derive(data, footerKey(slot), slot.packSalt());
  }

  /** The data key of a slot's session; needs a recovery identity. */
  byte[] dataKey(PackSlot slot) {
    return envelopes.open(Envelopes.Part.DATA, slot.sessionId(), slot.dataEnvelope(), readers);
  }

  /** The footer key of a slot's session. */
  byte[] footerKey(PackSlot slot) {
    return envelopes.open(
        Envelopes.Part.FOOTER, slot.sessionId(), slot.footerEnvelope(), maintainers);
  }

  private static PermanentException damaged(String name, String why) {
    return new PermanentException(ErrorCode.OBJECT_DAMAGED, name + ": " + why, Hints.VERIFY);
  }

  /** Opens one chunk from bytes that begin at {@code startBytes} of the pack. */
  static byte[] chunk(
      OpenedPack pack, PackEntry entry, byte[] bytes, long startBytes, ChunkSealer chunks) {
    return Failures.naming(
        pack.ref().objectName(),
        () -> {
          byte[] key =
              pack.keys()
                  .get(entry.slot())
                  .forType(entry.type())
                  .orElseThrow(() ->
                      new PermanentException(
                          ErrorCode.RECOVERY_IDENTITY_MISSING,
                          "Contents can be read with a recovery identity only",
                          "Give --identity recovery-kit.txt."));
          int from = (int) (entry.offsetBytes() - startBytes);
          if (from < 0 || (long) from + entry.sealedBytes() > bytes.length) {
            throw damaged(pack.ref().objectName(), "it is cut short");
          }
          return chunks.open(
              key,
              entry.type(),
              entry.codec(),
              entry.chunk(),
              bytes,
              from,
              entry.sealedBytes(),
              entry.plainBytes());
        });
  }
}
