package io.lifeboat.repository;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Who writes to a repository and who can read it: entries of the log that only the admin key signs.
 * Looking needs any key; changing needs a recovery kit with the admin key. Thread-safe.
 */
public final class Administration {
  private final RepositoryContext context;

  Administration(RepositoryContext context) {
    this.context = context;
  }

  /**
   * A key that was registered.
   *
   * @param id its key id
   * @param name for people
   * @param roles what it may do; none if it was removed
   */
  public record Writer(String id, String name, Set<Role> roles) {
    /** Copies the roles. */
    public Writer {
      roles = Set.copyOf(roles);
    }
  }

  /** Whom new sessions are sealed to. */
  public record Recipients(List<XWingRecipient> recovery, List<XWingRecipient> maintenance) {
    /** Copies the lists. */
    public Recipients {
      recovery = List.copyOf(recovery);
      maintenance = List.copyOf(maintenance);
    }
  }

  /** All keys that were ever registered, in the log's order. */
  public List<Writer> writers() {
    CommitLog.View view = read();
    Map<String, Writer> writers = new LinkedHashMap<>();
    view.all(LogRecord.Writer.class)
        .forEach(entry -> {
          String id = VerifyKey.parse(entry.key()).id();
          Set<Role> roles = view.writers().getOrDefault(id, Set.of());
          writers.put(id, new Writer(id, entry.name(), roles));
        });
    return List.copyOf(writers.values());
  }

  /**
   * From here on entries by this key count, as far as its roles go; nothing if that is so already.
   */
  public void register(VerifyKey key, String name, Set<Role> roles) {
    if (!roles.equals(read().writers().get(key.id()))) {
      append(new LogRecord.Writer(key.text(), name, roles), view -> {});
    }
  }

  /**
   * Entries by this key that come later do not count.
   *
   * @throws PermanentException with code {@code USAGE_INVALID} if there is no such writer
   */
  public void removeWriter(String id) {
    if (!read().writers().containsKey(id)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "There is no writer " + id,
          "`lifeboat writer list` shows their ids.");
    }
    append(new LogRecord.WriterRemoved(id), view -> {});
  }

  /** Whom new sessions are sealed to. */
  public Recipients recipients() {
    Session.Recipients current = current(read());
    return new Recipients(current.recovery(), current.maintenance());
  }

  /**
   * From here on sessions are sealed to this recipient too: it reads what is stored from now on.
   */
  public void addReader(XWingRecipient recipient) {
    change(now -> {
      requireNew(now, recipient);
      return new Session.Recipients(with(now.recovery(), recipient), now.maintenance());
    });
  }

  /** From here on this recipient opens footers, reference lists and summaries. */
  public void addMaintainer(XWingRecipient recipient) {
    change(now -> {
      requireNew(now, recipient);
      return new Session.Recipients(now.recovery(), with(now.maintenance(), recipient));
    });
  }

  /**
   * From here on nothing is sealed to this recipient. What was, it can still open.
   *
   * @param fingerprint the recipient's
   * @throws PermanentException with code {@code USAGE_INVALID} if it is none, or the last who reads
   */
  public void removeRecipient(String fingerprint) {
    change(now -> {
      if (now.all().stream().noneMatch(one -> one.fingerprint().equals(fingerprint))) {
        throw unusable("There is no recipient " + fingerprint);
      }
      List<XWingRecipient> readers = without(now.recovery(), fingerprint);
      if (readers.isEmpty()) {
        throw unusable(fingerprint + " is the last recipient who can read");
      }
      return new Session.Recipients(readers, without(now.maintenance(), fingerprint));
    });
  }

  private static void requireNew(Session.Recipients now, XWingRecipient recipient) {
    if (now.all().contains(recipient)) {
      throw unusable(recipient.fingerprint() + " is a recipient already");
    }
  }

  private static PermanentException unusable(String why) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        why + "; nothing was changed",
        "`lifeboat recipient list` shows who there is.");
  }

  private static List<XWingRecipient> with(List<XWingRecipient> all, XWingRecipient one) {
    var more = new ArrayList<>(all);
    more.add(one);
    return more;
  }

  private static List<XWingRecipient> without(List<XWingRecipient> all, String fingerprint) {
    return all.stream().filter(one -> !one.fingerprint().equals(fingerprint)).toList();
  }

  /** Two who change recipients at once both get their way, one after the other. */
  private void change(UnaryOperator<Session.Recipients> change) {
    while (true) {
      Session.Recipients now = current(read());
      try {
        append(
            change.apply(now).record(),
            tip -> {
              if (!current(tip).equals(now)) {
                throw new ChangedMeanwhile();
              }
            });
        return;
      } catch (ChangedMeanwhile e) {
        // Read again what there is now.
      }
    }
  }

  /** Somebody else changed the recipients between our look and our entry. */
  private static final class ChangedMeanwhile extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private Session.Recipients current(CommitLog.View view) {
    return RecipientHistory.of(context.format(), view).current();
  }

  private CommitLog.View read() {
    CommitLog.View view = context.log().read();
    Genesis.check(view, context.format(), context.formatSha256());
    return view;
  }

  private void append(LogRecord record, CommitLog.Guard guard) {
    context.log().append(record, context.keyring().requireKit().requireAdmin(), guard);
  }
}
