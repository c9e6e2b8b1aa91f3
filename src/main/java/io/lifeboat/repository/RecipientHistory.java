package io.lifeboat.repository;

import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Whom a repository was and is sealed to: those that {@code format} names, until the admin key
 * names others in the log. Both are signed, so the store can hide the newest names but not add one.
 */
final class RecipientHistory {
  private final List<Session.Recipients> states;

  private RecipientHistory(List<Session.Recipients> states) {
    this.states = List.copyOf(states);
  }

  static RecipientHistory of(FormatDocument format, CommitLog.View view) {
    var states = new ArrayList<Session.Recipients>();
    states.add(format.sessionRecipients());
    view.all(LogRecord.Recipients.class).map(Session.Recipients::of).forEach(states::add);
    return new RecipientHistory(states);
  }

  /** Whom new sessions are sealed to. */
  Session.Recipients current() {
    return states.getLast();
  }

  /**
   * Makes sure that the repository was at some time sealed to exactly those whom the node's own key
   * file names: it is the one that the file was made for, and what the admin key changed since
   * holds.
   *
   * @throws PermanentException with code {@code KEY_MISMATCH}
   */
  void requireMadeFor(ServiceKey service) {
    if (states.stream().noneMatch(state -> fits(state, service))) {
      throw new PermanentException(
          ErrorCode.KEY_MISMATCH,
          "The repository's `format` and log name other recipients than this node's service key",
          "Use the service key that `lifeboat init` or `lifeboat keygen node` wrote for this"
              + " repository. If it is that one, the store hides the log's newest entries, or"
              + " somebody with the admin key changed who can read: find out who.");
    }
  }

  static boolean fits(Session.Recipients state, ServiceKey service) {
    return Set.copyOf(service.recovery()).equals(Set.copyOf(state.recovery()))
        && service
            .maintenance()
            .map(XWingIdentity::recipient)
            .map(state.maintenance()::contains)
            .orElse(true);
  }

  /** Those of now who can read, and could not at some time: envelopes of then are not for them. */
  List<XWingRecipient> lateReaders() {
    return current().recovery().stream()
        .filter(reader -> states.stream().anyMatch(state -> !state.recovery().contains(reader)))
        .toList();
  }

  /** Those of now who can open footers, and could not at some time. */
  List<XWingRecipient> lateMaintainers() {
    return current().all().stream()
        .filter(one -> states.stream().anyMatch(state -> !state.all().contains(one)))
        .toList();
  }
}
