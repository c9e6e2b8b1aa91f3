package io.lifeboat.repository;

import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores a cluster's write-ahead log. What it seals nobody on this host can open later: the keys
 * are fresh for each session, which lasts a day at most. Thread-safe.
 */
public final class WalWriter {
  private static final Logger LOG = LoggerFactory.getLogger(WalWriter.class);
  private static final Duration LONGEST_SESSION = Duration.ofDays(1);
  private static final int KEY_BYTES = 32;
  private static final WalTimes NO_TIMES = new WalTimes(Instant.EPOCH, Instant.EPOCH);

  private final RepositoryContext context;
  private final WalArchive archive;
  private final WalObjects objects;
  private final Map<String, VerifyKey> writers;
  private final SigningKey signer;
  private Optional<OpenSession> session = Optional.empty();

  WalWriter(
      RepositoryContext context,
      WalArchive archive,
      WalObjects objects,
      Map<String, VerifyKey> writers) {
    this.context = context;
    this.archive = archive;
    this.objects = objects;
    this.writers = writers;
    this.signer = context.keyring().signer();
  }

  /** The key that pieces are sealed under for now. */
  private record OpenSession(byte[] id, byte[] key, Instant endsAt) {
    @Override
    public String toString() {
      return "OpenSession[********]";
    }
  }

  /**
   * Stores a piece; it is durable when this returns. One that is there already counts if it is
   * sound; beside a damaged one the same bytes are stored as two pieces.
   *
   * @param bytes as many as the piece has; at most {@link WalArchive#MOST_BYTES}
   * @throws LifeboatException the store's own
   */
  public void store(WalPiece piece, WalTimes times, byte[] bytes) {
    if (bytes.length != piece.lengthBytes() || bytes.length > WalArchive.MOST_BYTES) {
      throw new IllegalArgumentException("Not the bytes of " + piece + ": " + bytes.length);
    }
    String name = archive.prefix() + piece.name();
    if (put(name, new WalObjects.Content(times, bytes))) {
      return;
    }
    if (piece.lengthBytes() == 1) {
      throw Failures.damaged(name, "what is there is damaged, and no other piece can stand for it");
    }
    LOG.warn("event=wal-piece-taken object={} message=stored as two pieces beside it", name);
    int middle = piece.from() + piece.lengthBytes() / 2;
    int cut = middle - piece.from();
    store(
        new WalPiece(piece.timeline(), piece.segment(), piece.from(), middle),
        times,
        Arrays.copyOfRange(bytes, 0, cut));
    store(
        new WalPiece(piece.timeline(), piece.segment(), middle, piece.to()),
        times,
        Arrays.copyOfRange(bytes, cut, bytes.length));
  }

  /**
   * Stores the file {@code <timeline>.history} as the server has it.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_DAMAGED} if another object
   *     has the name
   */
  public void storeHistory(int timeline, byte[] history) {
    String name = archive.prefix() + WalArchive.historyName(timeline);
    if (!put(name, new WalObjects.Content(NO_TIMES, history))) {
      throw Failures.damaged(name, "it is damaged, so the timeline's history cannot be stored");
    }
  }

  /** Answers whether a sound object of that name is there now. */
  private boolean put(String name, WalObjects.Content content) {
    OpenSession open = session();
    byte[] object = objects.piece(name, open.id(), open.key(), context.sealer(), content, signer);
    return context.store().putIfAbsent(name, new Body.Bytes(object)) == PutOutcome.CREATED
        || isSound(name);
  }

  private boolean isSound(String name) {
    try {
      objects.sealed(name, context.store().get(name, ObjectLimits.OTHER_BYTES), writers);
      return true;
    } catch (LifeboatException e) {
      if (e.code() == ErrorCode.OBJECT_DAMAGED) {
        return false;
      }
      throw e;
    }
  }

  private synchronized OpenSession session() {
    Instant now = context.clock().instant();
    if (session.filter(open -> now.isBefore(open.endsAt())).isEmpty()) {
      session = Optional.of(begin(now));
    }
    return session.orElseThrow();
  }

  /** The envelope is there before anything that needs it. */
  private OpenSession begin(Instant now) {
    byte[] id = new byte[WalObjects.SESSION_BYTES];
    byte[] key = new byte[KEY_BYTES];
    context.random().nextBytes(id);
    context.random().nextBytes(key);
    RecipientHistory recipients = RecipientHistory.of(context.format(), context.log().read());
    recipients.requireMadeFor(context.keyring().requireService());
    String name = archive.sessionName(HexFormat.of().formatHex(id));
    byte[] envelope = context.age().encrypt(recipients.current().recovery(), key);
    context.store().putIfAbsent(name, new Body.Bytes(objects.session(name, envelope, signer)));
    return new OpenSession(id, key, now.plus(LONGEST_SESSION));
  }
}
