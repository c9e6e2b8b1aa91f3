package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.BucketPolicy;
import io.lifeboat.repository.BucketPolicy.Dialect;
import io.lifeboat.repository.BucketPolicy.Role;
import io.lifeboat.store.s3.S3Settings;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat policy}. */
final class PolicyCommand implements Command {
  @Override
  public String name() {
    return "policy";
  }

  @Override
  public String help() {
    return "print the bucket policy that gives an identity no more than its part needs";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("--role")
        .metavar("ROLE")
        .choices("writer", "maintenance", "reader")
        .required(true)
        .help("writer takes backups, maintenance prunes and extends locks, reader restores");
    parser
        .addArgument("--provider")
        .metavar("PROVIDER")
        .choices("aws", "ceph")
        .setDefault("aws")
        .help("aws, or ceph, which understands less (default: aws)");
    parser
        .addArgument("--repository")
        .metavar("NAME")
        .help("which of the configured repositories, if there are several");
    parser
        .addArgument("--principal")
        .metavar("ARN")
        .help("whom it is for, as in arn:aws:iam::111122223333:user/backup");
  }

  @Override
  public int run(Session session) {
    Role role = Role.valueOf(session.text("role").toUpperCase(Locale.ROOT));
    Dialect dialect = Dialect.valueOf(session.text("provider").toUpperCase(Locale.ROOT));
    S3Settings settings = S3Settings.of(chosen(session));
    String placeholder =
        (dialect == Dialect.AWS ? "arn:aws:iam::ACCOUNT:user/" : "arn:aws:iam:::user/")
            + "lifeboat-"
            + session.text("role");
    var policy =
        new BucketPolicy(
            dialect,
            settings.bucket(),
            settings.prefix(),
            session.optional("principal").orElse(placeholder),
            settings.objectLock());
    session.output().raw((policy.text(role) + "\n").getBytes(StandardCharsets.UTF_8));
    remark(session, dialect, role, placeholder);
    return 0;
  }

  private static void remark(Session session, Dialect dialect, Role role, String placeholder) {
    if (session.optional("principal").isEmpty()) {
      session
          .output()
          .note("Put the identity in the place of " + placeholder + ", or give --principal.");
    }
    if (dialect == Dialect.CEPH && role != Role.READER) {
      session
          .output()
          .note(
              "Ceph (16) does not know s3:if-none-match, so this policy cannot tell creating from"
                  + " overwriting: whoever takes this key can overwrite objects. They cannot delete"
                  + " them beyond what is allowed here.");
    }
  }

  private static StoreConfig.S3 chosen(Session session) {
    Map<String, StoreConfig> stores = session.stores();
    Optional<String> wanted = session.optional("repository");
    String name =
        wanted.orElseGet(() -> {
          if (stores.size() == 1) {
            return stores.keySet().iterator().next();
          }
          throw new PermanentException(
              ErrorCode.USAGE_INVALID,
              "The configuration names " + stores.size() + " repositories",
              "Give --repository with one of: " + String.join(", ", stores.keySet()));
        });
    StoreConfig config = stores.get(name);
    if (config instanceof StoreConfig.S3 s3) {
      return s3;
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID,
        config == null
            ? "There is no repository called '" + name + "'"
            : "Repository '" + name + "' is a folder, and policies are for buckets",
        config == null
            ? "The configuration names these: " + String.join(", ", stores.keySet())
            : "Use the file system's owners and permissions there; `lifeboat probe` looks at"
                + " them.");
  }
}
