package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A pack being filled, in a spool file that holds nothing but sealed bytes. Chunks are sealed
 * outside, under {@link #keys}, and added in any order. Thread-safe.
 */
final class OpenPack {
  static final byte[] FOOTER_CONTEXT =
      "lifeboat pack footer v1".getBytes(StandardCharsets.US_ASCII);

  /** A pack that ends well is padded with at most this part of its size. */
  private static final int MOST_PADDING = 256;

  private final int number;
  private final PackKind kind;
  private final List<PackSlot> slots = new ArrayList<>();
  private final PackKeys keys;
  private final Path file;
  private final MessageDigest digest;
  private final OutputStream out;
  private final List<PackEntry> entries = new ArrayList<>();
  private long sizeBytes;
  private int sealing;
  private boolean full;

  OpenPack(int number, PackKind kind, RepositoryId repository, Session session, Path spool) {
    this.number = number;
    this.kind = kind;
    slots.add(session.newSlot());
    this.keys = session.keys(slots.getFirst());
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
      this.file = Files.createTempFile(spool, "pack-", ".spool");
      this.out =
          new DigestOutputStream(
              new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), digest);
      write(PackLayout.head(repository));
    } catch (IOException e) {
      throw spoolFailed(spool, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Its place in the writer's table of packs. */
  int number() {
    return number;
  }

  PackKind kind() {
    return kind;
  }

  PackKeys keys() {
    return keys;
  }

  synchronized long sizeBytes() {
    return sizeBytes;
  }

  /** Somebody seals a chunk for this pack: it is not finished before that chunk was added. */
  synchronized void expectOne() {
    sealing++;
  }

  /** No more chunks are expected beside those being sealed. */
  synchronized void close() {
    full = true;
  }

  /**
   * Adds a chunk that was expected.
   *
   * @return its ordinal
   */
  synchronized int add(ChunkId chunk, ChunkType type, Codec codec, byte[] sealed, int plainBytes) {
    sealing--;
    return append(
        new PackEntry(chunk, 0, type, codec, sizeBytes, sealed.length, plainBytes), sealed);
  }

  /** Brings along where the keys of another pack's chunks come from; answers the slot's number. */
  synchronized int addSlot(PackSlot origin) {
    slots.add(origin);
    return slots.size() - 1;
  }

  /**
   * Copies a sealed chunk of another pack as it is.
   *
   * @param slot what {@link #addSlot} answered for the chunk's slot there
   * @return its ordinal here
   */
  synchronized int copy(PackEntry there, int slot, byte[] sealed) {
    return append(
        new PackEntry(
            there.chunk(),
            slot,
            there.type(),
            there.codec(),
            sizeBytes,
            sealed.length,
            there.plainBytes()),
        sealed);
  }

  private int append(PackEntry entry, byte[] sealed) {
    entries.add(entry);
    try {
      write(sealed);
    } catch (IOException e) {
      throw spoolFailed(file, e);
    }
    return entries.size() - 1;
  }

  /**
   * Whether this is a good moment to close it: nobody is sealing for it, and hardly any padding is
   * needed. To be asked from a part of the full length on, so that full packs are rarely padded.
   */
  synchronized boolean endsWell() {
    return sealing == 0 && paddingBytes() <= sizeBytes / MOST_PADDING;
  }

  private long paddingBytes() {
    long end =
        sizeBytes
            + MessageSealer.sealedSize(PackLayout.footer(entries).length)
            + PackLayout.slots(slots).length
            + PackLayout.TRAILER_BYTES;
    return PackLayout.padme(end) - end;
  }

  /** Whether all of it is here: closed, and nothing is being sealed for it. */
  synchronized boolean isComplete() {
    return full && sealing == 0;
  }

  /** Adds padding, footer, slots and trailer. */
  synchronized Finished finish(MessageSealer sealer, SecureRandom random) {
    byte[] footerPlain = PackLayout.footer(entries);
    byte[] footer = sealer.seal(keys.footer(), FOOTER_CONTEXT, footerPlain, 0, footerPlain.length);
    byte[] slotBytes = PackLayout.slots(slots);
    byte[] trailer = PackLayout.trailer(footer.length, slotBytes.length);
    byte[] padding = new byte[Math.toIntExact(paddingBytes())];
    random.nextBytes(padding);
    try (out) {
      write(padding);
      write(footer);
      write(slotBytes);
      write(trailer);
    } catch (IOException e) {
      throw spoolFailed(file, e);
    }
    var ref = new PackRef(new PackId(digest.digest()), kind, sizeBytes);
    boolean deduplicated = entries.stream().allMatch(entry -> entry.type().deduplicated());
    List<ChunkId> chunks = entries.stream().map(PackEntry::chunk).toList();
    return new Finished(number, ref, file, chunks, deduplicated);
  }

  /** Gives up: removes the spool file. */
  synchronized void discard() {
    try (out) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw spoolFailed(file, e);
    }
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    sizeBytes += bytes.length;
  }

  static PermanentException spoolFailed(Path where, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new PermanentException(
        full ? ErrorCode.DISK_FULL : ErrorCode.IO_FAILED,
        "Could not write to the spool at " + where + ": " + e.getMessage(),
        full
            ? "Free space there or set `workFolder` to a disk with room for a few packs of 64 MiB."
                + " Nothing was published."
            : "Check that the folder is writable. Nothing was published.",
        e);
  }

  /**
   * A whole pack in its spool file, ready to be stored under its name.
   *
   * @param deduplicated whether later runs may find its chunks: it holds no root or reference list
   */
  record Finished(int number, PackRef ref, Path file, List<ChunkId> chunks, boolean deduplicated) {}
}
