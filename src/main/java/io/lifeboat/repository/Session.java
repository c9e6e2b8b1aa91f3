package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.XWingRecipient;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The keys of one backup run, forgotten when it ends: whoever takes the host afterwards cannot read
 * what was written. Thread-safe.
 */
final class Session {
  private static final int KEY_BYTES = 32;

  private final SecureRandom random;
  private final byte[] id;
  private final PackKeys.SessionKeys keys;
  private final byte[] dataEnvelope;
  private final byte[] footerEnvelope;

  /** Makes fresh keys and envelopes them for those who may read. */
  Session(SecureRandom random, AgeFiles age, Recipients recipients) {
    this.random = random;
    this.id = bytes(PackSlot.SESSION_BYTES);
    this.keys = new PackKeys.SessionKeys(bytes(KEY_BYTES), bytes(KEY_BYTES));
    this.dataEnvelope = age.encrypt(List.copyOf(recipients.recovery()), keys.data());
    this.footerEnvelope = age.encrypt(List.copyOf(recipients.all()), keys.footer());
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** 32 hexadecimal digits. */
  String id() {
    return HexFormat.of().formatHex(id);
  }

  /** A slot with a fresh salt, for a new pack. */
  PackSlot newSlot() {
    return new PackSlot(bytes(PackSlot.SALT_BYTES), id, dataEnvelope, footerEnvelope);
  }

  PackKeys keys(PackSlot slot) {
    return keys.forPack(slot.packSalt());
  }

  /** Who can open what a session seals. */
  record Recipients(List<XWingRecipient> recovery, List<XWingRecipient> maintenance) {
    Recipients {
      recovery = List.copyOf(recovery);
      maintenance = List.copyOf(maintenance);
    }

    static Recipients of(LogRecord.Recipients record) {
      return new Recipients(
          record.recovery().stream().map(XWingRecipient::parse).toList(),
          record.maintenance().stream().map(XWingRecipient::parse).toList());
    }

    LogRecord.Recipients record() {
      return new LogRecord.Recipients(
          recovery.stream().map(XWingRecipient::text).toList(),
          maintenance.stream().map(XWingRecipient::text).toList());
    }

    /** Recovery and maintenance recipients. */
    List<XWingRecipient> all() {
      return Stream.concat(recovery.stream(), maintenance.stream()).toList();
    }
  }
}
