package io.lifeboat.repository;

import io.lifeboat.store.ObjectInfo;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A stored pack: enough to read any part of it. */
record PackRef(PackId id, PackKind kind, long sizeBytes) {
  private static final Pattern NAME = Pattern.compile("p/([dm])/[0-9a-f]{2}/([0-9a-f]{64})");

  /** The object's name: {@code p/<kind>/<first two digits>/<id>}. */
  String objectName() {
    return Names.pack(kind, id);
  }

  /** The pack that an object is, or empty if its name is not that of a pack. */
  static Optional<PackRef> of(ObjectInfo object) {
    Matcher name = NAME.matcher(object.name());
    if (!name.matches()) {
      return Optional.empty();
    }
    PackKind kind = name.group(1).equals("m") ? PackKind.METADATA : PackKind.DATA;
    var id = new PackId(HexFormat.of().parseHex(name.group(2)));
    return Optional.of(new PackRef(id, kind, object.sizeBytes()))
        .filter(pack -> pack.objectName().equals(object.name()));
  }
}
