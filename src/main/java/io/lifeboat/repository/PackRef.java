package io.lifeboat.repository;

/** A stored pack: enough to read any part of it. */
record PackRef(PackId id, PackKind kind, long sizeBytes) {
  /** The object's name: {@code p/<kind>/<first two digits>/<id>}. */
  String objectName() {
    return Names.pack(kind, id);
  }
}
