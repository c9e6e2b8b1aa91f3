package io.lifeboat.repository;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A stored pack: enough to read any part of it. */
record PackRef(PackId id, PackKind kind, long sizeBytes) {
  private static final Pattern NAME = Pattern.compile("p/([dm])/([0-9a-f]{2})/(\\2[0-9a-f]{62})");

  /** The pack that an object is by its name, or empty if its name is none of a pack's. */
  static Optional<PackRef> named(String object, long sizeBytes) {
    Matcher name = NAME.matcher(object);
    if (!name.matches()) {
      return Optional.empty();
    }
    PackKind kind = name.group(1).equals("d") ? PackKind.DATA : PackKind.METADATA;
    return Optional.of(new PackRef(PackId.parse(name.group(3), object), kind, sizeBytes));
  }

  /** The object's name: {@code p/<kind>/<first two digits>/<id>}. */
  String objectName() {
    return Names.pack(kind, id);
  }
}
