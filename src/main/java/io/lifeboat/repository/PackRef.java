package io.lifeboat.repository;

import java.util.Arrays;
import java.util.Comparator;

/** A stored pack: enough to read any part of it. */
record PackRef(PackId id, PackKind kind, long sizeBytes) {
  /** In the order of their objects' names. */
  static final Comparator<PackRef> BY_NAME =
      Comparator.comparing(PackRef::kind)
          .thenComparing(ref -> ref.id().bytes(), Arrays::compareUnsigned);

  /** The object's name: {@code p/<kind>/<first two digits>/<id>}. */
  String objectName() {
    return Names.pack(kind, id);
  }
}
