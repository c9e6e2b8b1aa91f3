package io.lifeboat.app;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.EncodeHintType;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import java.util.Map;

/**
 * A QR code (ISO/IEC 18004) as inline SVG, black on white, that bears a quarter of it being
 * unreadable: paper gets folded and stained.
 */
final class QrCode {
  private static final int QUIET_MODULES = 4;

  private QrCode() {}

  /** The code of a text, as an element {@code svg} that fills its container. */
  static String svg(String text) {
    BitMatrix modules = modules(text);
    int size = modules.getWidth();
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        if (modules.get(x, y)) {
          int from = x;
          while (x < size && modules.get(x, y)) {
            x++;
          }
          int length = x - from;
          path.append('M').append(from).append(' ').append(y).append('h').append(length);
          path.append("v1h-").append(length).append('z');
        }
      }
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
        + size
        + " "
        + size
        + "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h"
        + size
        + "v"
        + size
        + "h-"
        + size
        + "z\"/><path fill=\"#000\" d=\""
        + path
        + "\"/></svg>";
  }

  private static BitMatrix modules(String text) {
    try {
      return new QRCodeWriter()
          .encode(
              text,
              BarcodeFormat.QR_CODE,
              0,
              0,
              Map.of(
                  EncodeHintType.ERROR_CORRECTION,
                  ErrorCorrectionLevel.Q,
                  EncodeHintType.MARGIN,
                  QUIET_MODULES));
    } catch (WriterException e) {
      throw new IllegalArgumentException("a text that does not fit a QR code", e);
    }
  }
}
