package io.lifeboat.repository;

/**
 * What to verify.
 *
 * @param attest whether to keep a signed attestation beside the repository, which later runs choose
 *     their share by; from level 1 on
 */
public record VerifyOrder(Verification.Depth depth, VerifyShare share, boolean attest) {
  /** Everything, and nothing is left behind. */
  public static VerifyOrder everything(Verification.Depth depth) {
    return new VerifyOrder(depth, new VerifyShare.Everything(), false);
  }
}
