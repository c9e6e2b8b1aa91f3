package io.lifeboat.repository;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where the keys of a pack's chunks come from.
 *
 * <p>{@code slot := packSalt 32 || session 16 || bytes dataEnvelope || bytes footerEnvelope}
 *
 * <p>A pack is written with one slot. Repacking copies sealed chunks as they are and brings their
 * slots along.
 *
 * @param packSalt fresh for each pack
 * @param session the run that sealed the chunks
 * @param dataEnvelope an age file of the session's data key, for the recovery recipients
 * @param footerEnvelope an age file of the session's footer key, for the recovery and maintenance
 *     recipients
 */
record PackSlot(byte[] packSalt, byte[] session, byte[] dataEnvelope, byte[] footerEnvelope) {
  static final int SALT_BYTES = 32;
  static final int SESSION_BYTES = 16;

  /** The session's id as names and log entries have it. */
  String sessionId() {
    return HexFormat.of().formatHex(session);
  }

  /** Whether both have the same envelopes, as all slots of a session have. */
  boolean hasEnvelopesOf(PackSlot other) {
    return Arrays.equals(dataEnvelope, other.dataEnvelope)
        && Arrays.equals(footerEnvelope, other.footerEnvelope);
  }

  void encode(Encoder out) {
    out.raw(packSalt).raw(session).bytes(dataEnvelope).bytes(footerEnvelope);
  }

  static PackSlot decode(Decoder in) {
    return new PackSlot(in.raw(SALT_BYTES), in.raw(SESSION_BYTES), in.bytes(), in.bytes());
  }
}
