package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.XWingIdentity;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KitPageTest {
  private static final int PIXELS_PER_MODULE = 4;

  /** The code is drawn, not photographed: looking for its corners by their noise may miss them. */
  private static final Map<DecodeHintType, Boolean> DRAWN =
      Map.of(DecodeHintType.PURE_BARCODE, true);

  private final RecoveryKit kit =
      RecoveryKit.generate(
          new SecureRandom(),
          List.of(
              new RecoveryKit.KnownRepository("7f3a", "s3:https://s3.example/lifeboat/a<b&c'd")),
          LocalDate.of(2026, 11, 23));
  private final String html = new KitPage(kit).html();

  @Test
  void eachCodeIsReadBackAsTheKeyBesideIt() throws Exception {
    List<String> scanned = scan(html);

    List<String> keys = new ArrayList<>(List.of(kit.adminText()));
    kit.identities().stream().map(XWingIdentity::secretText).forEach(keys::add);
    assertThat(scanned).isEqualTo(keys);
    assertThat(printedKeys()).isEqualTo(keys);
  }

  @Test
  void fourLinesMadeOfWhatIsScannedAreAKit() throws Exception {
    List<String> scanned = scan(html);
    String typed =
        "# Lifeboat recovery kit, format 1\n# created: 2026-11-23\n# "
            + scanned.get(0)
            + "\n"
            + scanned.get(2)
            + "\n";

    RecoveryKit read = RecoveryKit.parse("typed", typed);

    assertThat(read.admin()).isEqualTo(kit.admin());
    assertThat(read.identities()).containsExactly(kit.identities().get(1));
  }

  @Test
  void thePageNeedsNothingElseAndSaysWhereTheBackupsLie() {
    assertThat(html)
        .doesNotContain("<script", "src=", "href=", "url(", "@import")
        .contains("a&lt;b&amp;c'd", "7f3a", "2026-11-23", "lifeboat restore --store")
        .contains("'s3:https://s3.example/lifeboat/a&lt;b&amp;c'\\''d'")
        .doesNotContain("a<b");
    assertThat(Pattern.compile("https?://").matcher(html).results().count())
        .as("links: the namespace of each code, the store in two commands and in its place")
        .isEqualTo(3 + 3);
  }

  @Test
  void aKitThatSignsNothingShowsThePublicHalf() throws Exception {
    RecoveryKit reading = kit.another(new SecureRandom(), LocalDate.of(2026, 11, 24));

    assertThat(scan(new KitPage(reading).html()))
        .containsExactly(kit.admin().text(), reading.identities().getFirst().secretText());
  }

  private List<String> printedKeys() {
    return Pattern.compile("<code>((?:<span>[^<]*</span>)+)</code>")
        .matcher(html)
        .results()
        .map(key -> key.group(1).replaceAll("<[^>]*>", ""))
        .toList();
  }

  /** Renders each code as a printer would, and scans it. */
  private static List<String> scan(String page) throws Exception {
    List<String> texts = new ArrayList<>();
    List<MatchResult> codes =
        Pattern.compile("<svg [^>]*viewBox=\"0 0 (\\d+) .*?fill=\"#000\" d=\"([^\"]*)\"")
            .matcher(page)
            .results()
            .toList();
    for (MatchResult code : codes) {
      int side = Integer.parseInt(code.group(1)) * PIXELS_PER_MODULE;
      int[] pixels = new int[side * side];
      Arrays.fill(pixels, 0xffffff);
      Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-\\d+z")
          .matcher(code.group(2))
          .results()
          .forEach(run -> fill(pixels, side, run));
      var image = new RGBLuminanceSource(side, side, pixels);
      texts.add(
          new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(image)), DRAWN).getText());
    }
    return texts;
  }

  private static void fill(int[] pixels, int side, MatchResult run) {
    int x = Integer.parseInt(run.group(1)) * PIXELS_PER_MODULE;
    int y = Integer.parseInt(run.group(2)) * PIXELS_PER_MODULE;
    int length = Integer.parseInt(run.group(3)) * PIXELS_PER_MODULE;
    for (int row = y; row < y + PIXELS_PER_MODULE; row++) {
      Arrays.fill(pixels, row * side + x, row * side + x + length, 0);
    }
  }
}
