package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.SourceCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads the bucket learns no name and no content of what is in it. */
@Tag("slow")
class NoLeakTest {
  /** Of names of files, folders, link targets, tables, columns, roles, rows, sources, plans. */
  private static final List<String> TELLTALES =
      List.of(
          "narwhal-ledger",
          "axolotl in the contents",
          "folder-of-capybaras",
          "link-to-an-ibex",
          "customers_zebra",
          "orders_walrus",
          "Wilhelmina Quagga",
          "marzipan-tapir",
          "accountant_okapi",
          "source-of-pangolins",
          "shop-of-wombats",
          "plan-of-numbats",
          "check-of-echidnas",
          "meaning-of-lemurs");

  @TempDir Path folder;

  @Test
  void noObjectShowsANameARowOrAContentOfTheSources() throws Exception {
    Node node = new Node(folder.resolve("node"));
    Path docs = Files.createDirectories(node.path("docs/folder-of-capybaras"));
    String text = "axolotl in the contents\n".repeat(5000);
    Files.writeString(docs.resolve("narwhal-ledger.txt"), text);
    Files.createSymbolicLink(docs.resolve("symlink"), Path.of("link-to-an-ibex"));
    Tree.plant(node.path("docs/more"), new Random(1));
    try (SourceCluster server =
        SourceCluster.start(Files.createDirectories(folder.resolve("server")))) {
      Database.plant(server, 2000);
      server.sql("SELECT pg_switch_wal()");
      node.configured(configuration(server));
      node.done("init");
      for (String source : List.of("docs", "shop")) {
        String plan = "plan-of-numbats-" + source;
        node.done("backup", plan);
        node.done("backup", plan);
        assertThat(node.done("drill", plan).path("verdict").asText()).isEqualTo("PASS");
      }
      // The search is worth something: where these are in clear, it finds them.
      assertThat(leaks(List.of(docs.resolve("narwhal-ledger.txt")))).isNotEmpty();
      assertThat(leaks(List.of(node.path("config.yml")))).isNotEmpty();
    }
    List<Path> objects = node.objects();
    assertThat(objects.stream().map(Path::toString))
        .anyMatch(name -> name.contains("/e/"))
        .anyMatch(name -> name.contains("/x/"))
        .anyMatch(name -> name.contains("/p/d/"))
        .anyMatch(name -> name.contains("/p/m/"));
    assertThat(leaks(objects)).isEmpty();
    String names = objects.toString();
    assertThat(TELLTALES).noneMatch(names::contains);
  }

  private static List<String> leaks(List<Path> files) throws IOException {
    List<String> leaks = new ArrayList<>();
    for (Path file : files) {
      String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
      for (String telltale : TELLTALES) {
        for (String form : forms(telltale)) {
          if (bytes.contains(form)) {
            leaks.add(file + " shows " + telltale + " as " + form);
          }
        }
      }
    }
    return leaks;
  }

  /** As text in three encodings, in hexadecimal, and in base64 at each of its three alignments. */
  private static List<String> forms(String telltale) {
    byte[] bytes = telltale.getBytes(StandardCharsets.US_ASCII);
    List<String> forms = new ArrayList<>();
    forms.add(telltale);
    forms.add(latin(telltale.getBytes(StandardCharsets.UTF_16LE)));
    forms.add(latin(telltale.getBytes(StandardCharsets.UTF_16BE)));
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    for (int shift = 0; shift < 3; shift++) {
      byte[] shifted = new byte[shift + bytes.length];
      System.arraycopy(bytes, 0, shifted, shift, bytes.length);
      String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      // The first and the last characters depend on the neighbours.
      forms.add(encoded.substring(shift == 0 ? 0 : 4, encoded.length() - 2));
    }
    return forms;
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String configuration(SourceCluster server) throws Exception {
    return """
    keys: { recovery: recovery-kit.txt }
    repositories:
      local: { store: { type: folder, path: store } }
    sources:
      source-of-pangolins: { type: files, paths: [docs] }
      shop-of-wombats: { type: postgres, url: "%s", password: unused }
    plans:
      plan-of-numbats-docs: { source: source-of-pangolins, repository: local, drill: { scratch: process } }
      plan-of-numbats-shop:
        source: shop-of-wombats
        repository: local
        drill:
          scratch: process
          programs: "%s"
          checks:
            - { id: check-of-echidnas, sql: "select count(*) from orders_walrus", expect: "> 0",
                meaning: "meaning-of-lemurs" }
    """
        .formatted(server.url("postgres"), SourceCluster.programs());
  }
}
