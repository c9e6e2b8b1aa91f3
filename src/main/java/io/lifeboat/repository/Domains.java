package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The deduplication domains that a log names, and their keys for whoever may open them.
 * Thread-safe.
 */
final class Domains {
  private final Envelopes envelopes;
  private final Keyring keyring;
  private final Map<String, LogRecord.Domain> records;
  private final Map<String, DomainKey> keys = new ConcurrentHashMap<>();
  private final Map<String, byte[]> summaryKeys = new ConcurrentHashMap<>();

  Domains(RepositoryContext context, CommitLog.View view) {
    this.envelopes = new Envelopes(context.store(), context.age());
    this.keyring = context.keyring();
    this.records =
        view.all(LogRecord.Domain.class)
            .collect(Collectors.toMap(LogRecord.Domain::domain, d -> d, (first, again) -> first));
  }

  static String id(DomainKey domain) {
    return HexFormat.of().formatHex(domain.domainId());
  }

  static LogRecord.Domain record(AgeFiles age, DomainKey domain, Session.Recipients recipients) {
    return new LogRecord.Domain(
        id(domain),
        envelope(age, recipients.recovery(), domain.secretBytes()),
        envelope(age, recipients.all(), domain.summaryKey()));
  }

  private static String envelope(AgeFiles age, List<XWingRecipient> recipients, byte[] key) {
    return SealedText.encode(age.encrypt(recipients, key));
  }

  boolean contains(DomainKey domain) {
    return records.containsKey(id(domain));
  }

  /** Their ids. */
  Set<String> ids() {
    return Set.copyOf(records.keySet());
  }

  /** The key of a domain; needs a recovery identity. */
  DomainKey key(String domain) {
    return keys.computeIfAbsent(
        domain,
        id -> {
          byte[] key = open(Envelopes.Part.DOMAIN, id, record(id).key(), keyring.readers());
          if (key.length != DomainKey.KEY_BYTES || !id(new DomainKey(key)).equals(id)) {
            throw new PermanentException(
                ErrorCode.LOG_BROKEN,
                "The log registers another key for domain " + id,
                Hints.VERIFY);
          }
          return new DomainKey(key);
        });
  }

  /** The key of a domain's summaries; a recovery or maintenance identity serves. */
  byte[] summaryKey(String domain) {
    return summaryKeys.computeIfAbsent(
        domain,
        id ->
            open(
                Envelopes.Part.SUMMARY, id, record(id).summaryKey(), keyring.requireMaintainers()));
  }

  private byte[] open(
      Envelopes.Part part, String domain, String envelope, List<XWingIdentity> identities) {
    return envelopes.open(part, domain, SealedText.decode(envelope, "a domain's key"), identities);
  }

  private LogRecord.Domain record(String domain) {
    LogRecord.Domain record = records.get(domain);
    if (record == null) {
      throw new PermanentException(
          ErrorCode.LOG_BROKEN, "The log does not register the domain " + domain, Hints.VERIFY);
    }
    return record;
  }
}
