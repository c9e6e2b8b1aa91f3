package io.lifeboat.app;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.drill.EvidenceVerifier;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat evidence verify|show|key}. */
final class EvidenceCommand implements Command {
  @Override
  public String name() {
    return "evidence";
  }

  @Override
  public String help() {
    return "verify FILE: hold evidence against its signature, offline; show DRILL: print it; key:"
        + " print the public keys";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("action").choices("verify", "show", "key").help("what to do");
    parser.addArgument("subject").nargs("?").metavar("FILE|DRILL").help("a file, or a drill's id");
    parser
        .addArgument("--key")
        .metavar("KEY")
        .help("verify: the public key that must have signed; without it, the configuration's keys");
  }

  @Override
  public int run(Session session) {
    return switch (session.text("action")) {
      case "verify" -> verify(session);
      case "show" -> show(session);
      default -> key(session);
    };
  }

  private static int verify(Session session) {
    Path file = Path.of(subject(session, "a file with evidence"));
    byte[] document;
    try {
      document = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "Evidence cannot be read from " + file + ": " + e.getMessage(),
          "Give the file that `lifeboat evidence show DRILL` printed.",
          e);
    }
    EvidenceVerifier.Verification result = EvidenceVerifier.verify(document, trusted(session));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("valid", result.valid());
    answer.put("drill", result.drill());
    answer.put("verdict", result.verdict());
    answer.put("level", result.level());
    Output output = session.output();
    output.answer(
        answer,
        () -> {
          output.line((result.valid() ? "VALID" : "NOT VALID") + ": " + result.reason());
          if (result.valid()) {
            output.line(
                "  drill "
                    + result.drill()
                    + ", verdict "
                    + result.verdict()
                    + result.level().map(level -> ", proven to " + level).orElse(""));
          }
        });
    return result.valid() ? 0 : 1;
  }

  private static List<VerifyKey> trusted(Session session) {
    Optional<String> key = session.optional("key");
    return key.map(text -> List.of(VerifyKey.parse(text))).orElseGet(() -> publicKeys(session));
  }

  private static List<VerifyKey> publicKeys(Session session) {
    Keyring keyring =
        session
            .keep(new OpenRepositories(session.installation(), session.random(), session.clock()))
            .keyring();
    List<VerifyKey> keys = new ArrayList<>();
    keyring.service().ifPresent(service -> keys.add(service.writer().verifyKey()));
    keys.add(keyring.admin());
    return keys;
  }

  private static int show(Session session) {
    session.output().raw(session.engines().evidence(subject(session, "a drill's id")));
    return 0;
  }

  private static int key(Session session) {
    List<String> keys = publicKeys(session).stream().map(VerifyKey::text).toList();
    session
        .output()
        .answer(Map.of("keys", keys), () -> keys.forEach(key -> session.output().line(key)));
    return 0;
  }

  private static String subject(Session session, String what) {
    return session
        .optional("subject")
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "`evidence " + session.text("action") + "` needs " + what,
                "Give it as the last argument."));
  }
}
