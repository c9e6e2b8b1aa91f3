package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.Hkdf;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Keeps the evidence of drills beside the backups: {@code e/<drill>-<number>} is a sealed message
 * of the signed document, as evidence names tables. Each document names the one before it, so that
 * whoever has them can tell that none was changed, removed or put in another order; the log entries
 * hold their hashes, so that the store can be held against them.
 *
 * <p>The key is {@code HKDF-Expand-SHA-256(domain key, "lifeboat evidence v1")}. Thread-safe.
 */
public final class EvidenceLocker {
  private static final byte[] KEY_INFO = "lifeboat evidence v1".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_BYTES = 32;

  /** So many others may keep theirs while one is being kept. */
  private static final int MOST_TRIES = 100;

  private final RepositoryContext context;

  EvidenceLocker(RepositoryContext context) {
    this.context = context;
  }

  /**
   * Keeps a document that names the one before it. Those of this process wait for each other; where
   * another node kept one meanwhile, the document is made anew.
   *
   * @param source the source that the drill was about
   * @param document makes the signed document for its place
   * @return the object's name
   */
  public synchronized String keep(
      String source, DrillSummary drill, Function<EvidenceLink, byte[]> document) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      CommitLog.View view = context.log().read();
      EvidenceLink link = link(view);
      LogRecord.Evidence entry = put(view, source, drill, link, document.apply(link));
      boolean added =
          context
              .log()
              .append(
                  context.keyring().signer(),
                  now -> link(now).equals(link) ? Optional.of(entry) : Optional.empty())
              .isPresent();
      if (added) {
        return Names.evidence(entry);
      }
    }
    throw new TransientException(
        ErrorCode.STORE_UNREACHABLE,
        "Other nodes kept evidence in this repository " + MOST_TRIES + " times in a row meanwhile",
        "Run the drill again.");
  }

  private EvidenceLink link(CommitLog.View view) {
    KeptEvidence.Last last = last(view);
    return new EvidenceLink(context.format().repository(), last.number() + 1, last.document());
  }

  private static KeptEvidence.Last last(CommitLog.View view) {
    return view.all(LogRecord.Evidence.class)
        .filter(LogRecord.Evidence::isChained)
        .reduce((first, second) -> second)
        .map(entry -> new KeptEvidence.Last(entry.number(), entry.document()))
        .orElseGet(() -> new KeptEvidence.Last(0, EvidenceLink.NO_PREVIOUS));
  }

  private LogRecord.Evidence put(
      CommitLog.View view, String source, DrillSummary drill, EvidenceLink link, byte[] document) {
    var domains = new Domains(context, view);
    String domain = domainOf(view, drill.snapshot());
    byte[] key = key(domains, domain, source);
    byte[] sealed =
        context.sealer().seal(key, messageContext(drill.drill()), document, 0, document.length);
    String name = Names.evidence(drill.drill(), link.number());
    if (context.store().putIfAbsent(name, new Body.Bytes(sealed)) == PutOutcome.EXISTS) {
      throw new PermanentException(
          ErrorCode.EVIDENCE_INVALID,
          "There is an object " + name + " already, which is not the evidence of this drill",
          "Run the drill again: it gets a new id. Find out who wrote that object.");
    }
    byte[] summary =
        Summaries.seal(context.sealer(), domains.summaryKey(domain), drill.drill(), drill);
    return new LogRecord.Evidence(
        drill.drill(),
        domain,
        SealedText.encode(summary),
        Hashes.sha256Hex(sealed),
        link.number(),
        Hashes.sha256Hex(document));
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

  /** Everything that was kept. Evidence that cannot be read hides no other. */
  public KeptEvidence all() {
    CommitLog.View view = context.log().read();
    List<String> problems = new ArrayList<>(view.problems());
    List<KeptEvidence.Document> documents = new ArrayList<>();
    for (LogRecord.Evidence entry : view.all(LogRecord.Evidence.class).toList()) {
      try {
        documents.add(new KeptEvidence.Document(entry.drill(), entry.number(), open(view, entry)));
      } catch (LifeboatException e) {
        if (!OpenedPacks.isDamage(e)) {
          throw e;
        }
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    Stream<VerifyKey> writers =
        view.all(LogRecord.Writer.class).map(writer -> VerifyKey.parse(writer.key()));
    Stream<VerifyKey> repaired =
        view.all(LogRecord.Repaired.class)
            .flatMap(entry -> entry.writers().stream())
            .map(VerifyKey::parse);
    List<VerifyKey> signers =
        Stream.of(Stream.of(context.keyring().admin()), writers, repaired)
            .flatMap(keys -> keys)
            .distinct()
            .toList();
    return new KeptEvidence(
        context.format().repository(), documents, last(view), signers, problems);
  }

  private byte[] open(CommitLog.View view, LogRecord.Evidence entry) {
    var domains = new Domains(context, view);
    String name = Names.evidence(entry);
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
    byte[] document =
        Failures.naming(
            name,
            () ->
                context
                    .sealer()
                    .open(
                        key(domains, entry.domain(), source),
                        messageContext(entry.drill()),
                        sealed));
    if (entry.isChained() && !Hashes.sha256Hex(document).equals(entry.document())) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          name + ": the document in it is not the one that the log names",
          Hints.VERIFY);
    }
    return document;
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
