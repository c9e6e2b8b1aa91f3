package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.Hkdf;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Keeps the evidence of drills beside the backups: {@code e/<drill>} is a sealed message of the
 * signed document, as evidence names tables; the log entry holds its hash, so none can be changed,
 * removed or put in another order unnoticed.
 *
 * <p>The key is {@code HKDF-Expand-SHA-256(domain key, "lifeboat evidence v1")}. Thread-safe.
 */
public final class EvidenceLocker {
  private static final byte[] KEY_INFO = "lifeboat evidence v1".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_BYTES = 32;

  private final RepositoryContext context;

  EvidenceLocker(RepositoryContext context) {
    this.context = context;
  }

  /** SHA-256 of the evidence object kept last, or 64 zeros: what the next evidence refers to. */
  public String previous() {
    return context
        .log()
        .read()
        .all(LogRecord.Evidence.class)
        .reduce((first, second) -> second)
        .map(LogRecord.Evidence::sha256)
        .orElse(CommitLog.NO_PREVIOUS);
  }

  /**
   * Keeps a signed document.
   *
   * @param source the source that the drill was about
   * @return the object's name
   */
  public String keep(String source, DrillSummary drill, byte[] signedDocument) {
    CommitLog.View view = context.log().read();
    var domains = new Domains(context, view);
    String domain = domainOf(view, drill.snapshot());
    byte[] key = key(domains, domain, source);
    byte[] sealed =
        context
            .sealer()
            .seal(key, messageContext(drill.drill()), signedDocument, 0, signedDocument.length);
    String name = Names.evidence(drill.drill());
    if (context.store().putIfAbsent(name, new Body.Bytes(sealed)) == PutOutcome.EXISTS) {
      throw new PermanentException(
          ErrorCode.EVIDENCE_INVALID,
          "There is an object " + name + " already, which is not the evidence of this drill",
          "Run the drill again: it gets a new id. Find out who wrote that object.");
    }
    byte[] summary =
        Summaries.seal(context.sealer(), domains.summaryKey(domain), drill.drill(), drill);
    context
        .log()
        .append(
            new LogRecord.Evidence(
                drill.drill(), domain, SealedText.encode(summary), Hashes.sha256Hex(sealed)),
            context.keyring().signer(),
            tip -> {});
    return name;
  }

  private static String domainOf(CommitLog.View view, String snapshot) {
    return view.all(LogRecord.Snapshot.class)
        .filter(entry -> entry.snapshot().equals(snapshot))
        .map(LogRecord.Snapshot::domain)
        .findFirst()
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.SNAPSHOT_UNKNOWN,
                "There is no snapshot " + snapshot + " that evidence could be about",
                "`lifeboat snapshots` lists them."));
  }

  /**
   * The signed document of a drill, or empty if there is none.
   *
   * @throws PermanentException with code {@code OBJECT_DAMAGED} if it is not what the log says
   */
  public Optional<byte[]> find(String drill) {
    CommitLog.View view = context.log().read();
    return view.all(LogRecord.Evidence.class)
        .filter(entry -> entry.drill().equals(drill))
        .findFirst()
        .map(entry -> open(view, entry));
  }

  byte[] open(CommitLog.View view, LogRecord.Evidence entry) {
    var domains = new Domains(context, view);
    String name = Names.evidence(entry.drill());
    byte[] sealed = context.store().get(name, ObjectLimits.OTHER_BYTES);
    if (!Hashes.sha256Hex(sealed).equals(entry.sha256())) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED, name + ": its bytes are not those the log names", Hints.VERIFY);
    }
    DrillSummary drill =
        Summaries.open(
            context.sealer(),
            domains.summaryKey(entry.domain()),
            entry.drill(),
            entry.summary(),
            DrillSummary.class);
    String source = sourceOf(view, domains, drill.snapshot());
    return Failures.naming(
        name,
        () ->
            context
                .sealer()
                .open(key(domains, entry.domain(), source), messageContext(entry.drill()), sealed));
  }

  private String sourceOf(CommitLog.View view, Domains domains, String snapshot) {
    return view.all(LogRecord.Snapshot.class)
        .filter(entry -> entry.snapshot().equals(snapshot))
        .findFirst()
        .map(entry ->
            Summaries.open(
                    context.sealer(),
                    domains.summaryKey(entry.domain()),
                    entry.snapshot(),
                    entry.summary(),
                    SnapshotInfo.class)
                .source())
        .orElse("");
  }

  private byte[] key(Domains domains, String domain, String source) {
    DomainKey key =
        context
            .keyring()
            .kit()
            .map(kit -> domains.key(domain))
            .orElseGet(() ->
                context
                    .keyring()
                    .requireService()
                    .domainKey(context.format().repository(), source));
    return Hkdf.SHA256.expand(key.secretBytes(), KEY_INFO, KEY_BYTES);
  }

  private static byte[] messageContext(String drill) {
    return ("lifeboat evidence v1 " + drill).getBytes(StandardCharsets.UTF_8);
  }
}
