package io.lifeboat.repository;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import java.util.Optional;

/**
 * The keys that are at hand: a backup node's, a recovery kit's, or both.
 *
 * @param service lets its holder write backups and list them
 * @param kit lets its holder read everything
 */
public record Keyring(Optional<ServiceKey> service, Optional<RecoveryKit> kit) {
  /** Checks that there is a key at all, and that both belong together. */
  public Keyring {
    if (service.isEmpty() && kit.isEmpty()) {
      throw new PermanentException(
          ErrorCode.SERVICE_KEY_MISSING,
          "There is neither a service key nor a recovery kit",
          "Set keys.service in the configuration, or give --identity recovery-kit.txt.");
    }
    if (service.isPresent()
        && kit.isPresent()
        && !service.get().admin().equals(kit.get().admin())) {
      throw new PermanentException(
          ErrorCode.KEY_MISMATCH,
          "The service key and the recovery kit do not belong together: their admin keys differ",
          "Use the two files that one `lifeboat init` wrote.");
    }
  }

  /** The admin key that everything in the repository hangs on. */
  public VerifyKey admin() {
    return service.map(ServiceKey::admin).or(() -> kit.map(RecoveryKit::admin)).orElseThrow();
  }

  /** Who can open data; none on a backup node. */
  List<XWingIdentity> readers() {
    return kit.map(RecoveryKit::identities).orElse(List.of());
  }

  /** Fingerprints of those who can open data. */
  public List<String> readerFingerprints() {
    return readers().stream().map(identity -> identity.recipient().fingerprint()).toList();
  }

  /** The same, none on a node that only writes. */
  List<XWingIdentity> maintainers() {
    return kit.map(RecoveryKit::identities)
        .or(() -> service.map(s -> s.maintenance().map(List::of).orElse(List.of())))
        .orElse(List.of());
  }

  /** Whether there is an identity that opens footers, reference lists and summaries. */
  public boolean maintains() {
    return !maintainers().isEmpty();
  }

  /**
   * Who can open footers, reference lists and summaries.
   *
   * @throws PermanentException with code {@code SERVICE_KEY_MISSING} on a node that only writes
   */
  List<XWingIdentity> requireMaintainers() {
    List<XWingIdentity> all = maintainers();
    return all.isEmpty() ? List.of(requireService().requireMaintenance()) : all;
  }

  /** What signs log entries and evidence: the node's own key, else the admin's. */
  public SigningKey signer() {
    return service.map(ServiceKey::writer).orElseGet(() -> requireKit().requireAdmin());
  }

  /** The service key, for whoever wants to write. */
  ServiceKey requireService() {
    return service.orElseThrow(() ->
        new PermanentException(
            ErrorCode.SERVICE_KEY_MISSING,
            "A backup needs the service key, and none is configured",
            "Set keys.service in the configuration to the file that `lifeboat init` wrote."));
  }

  /** The recovery kit, for whoever wants to read. */
  RecoveryKit requireKit() {
    return kit.orElseThrow(() ->
        new PermanentException(
            ErrorCode.RECOVERY_IDENTITY_MISSING,
            "Reading a snapshot needs a recovery identity, and none is at hand",
            "Set keys.recovery in the configuration, or give --identity recovery-kit.txt."));
  }
}
