package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.folder.FolderExamination;
import io.lifeboat.store.folder.FolderStore;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.ContractExamination;
import io.lifeboat.store.probe.Examination;
import io.lifeboat.store.probe.StoreReport;
import io.lifeboat.store.probe.Traces;
import io.lifeboat.store.s3.S3Examination;
import io.lifeboat.store.s3.S3Settings;
import io.lifeboat.store.s3.S3Store;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat probe}. */
final class ProbeCommand implements Command {
  private static final int UNSAFE = ErrorCode.Kind.ENVIRONMENT.exitStatus();

  @Override
  public String name() {
    return "probe";
  }

  @Override
  public String help() {
    return "find out what a store can and cannot do, and what follows from that";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("--store")
        .metavar("STORE")
        .help("instead of a configuration: folder:PATH or s3:ENDPOINT/BUCKET/PREFIX");
  }

  @Override
  public int run(Session session) {
    Map<String, StoreReport> reports = new LinkedHashMap<>();
    session.stores().forEach((name, config) -> reports.put(name, probe(config, session)));
    boolean safe = reports.values().stream().allMatch(StoreReport::isSafe);
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("safe", safe);
    List<Object> stores = new ArrayList<>();
    reports.forEach((name, report) -> stores.add(document(name, report)));
    document.put("stores", stores);
    Output output = session.output();
    output.answer(document, () -> reports.forEach((name, report) -> print(name, report, output)));
    return safe ? 0 : UNSAFE;
  }

  private static StoreReport probe(StoreConfig config, Session session) {
    var contract = new ContractExamination();
    var traces = new Traces(session.random());
    return switch (config) {
      case StoreConfig.Folder folder -> {
        ObjectStore store = session.keep(new FolderStore(folder.path()));
        yield StoreReport.of(
            store, List.of(contract, new FolderExamination(folder.path())), traces);
      }
      case StoreConfig.S3 s3 -> {
        var settings = S3Settings.of(s3);
        ObjectStore store = session.keep(new S3Store(settings, session.clock()));
        Examination bucket = session.keep(new S3Examination(settings, session.clock()));
        yield StoreReport.of(store, List.of(contract, bucket), traces);
      }
    };
  }

  private static Map<String, Object> document(String name, StoreReport report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("repository", name);
    document.put("store", report.store());
    document.put("safe", report.isSafe());
    if (!report.isSafe()) {
      document.put("code", ErrorCode.STORE_UNSAFE);
    }
    List<Object> capabilities = new ArrayList<>();
    for (Capability capability : report.capabilities()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("capability", capability.name());
      row.put("answer", answer(capability));
      row.put("required", capability.required());
      row.put("consequence", capability.consequence());
      capabilities.add(row);
    }
    document.put("capabilities", capabilities);
    document.put("left", report.left());
    return document;
  }

  private static void print(String name, StoreReport report, Output output) {
    output.line(name + ": " + report.store());
    int width = report.capabilities().stream().mapToInt(row -> row.name().length()).max().orElse(0);
    for (Capability row : report.capabilities()) {
      output.line(
          "  "
              + row.name()
              + " ".repeat(width - row.name().length())
              + "  "
              + (row.isSafe() ? "  " : "! ")
              + (answer(row) + "       ").substring(0, 7)
              + "  "
              + row.consequence());
    }
    if (!report.left().isEmpty()) {
      output.line("  Stays, as it may not be removed: " + String.join(", ", report.left()));
    }
    output.line(
        report.isSafe()
            ? "  Safe for Lifeboat."
            : "  NOT SAFE for Lifeboat (" + ErrorCode.STORE_UNSAFE + "): see the lines marked !.");
  }

  private static String answer(Capability capability) {
    return switch (capability.answer()) {
      case YES -> "yes";
      case NO -> "no";
      case UNKNOWN -> "unknown";
    };
  }
}
