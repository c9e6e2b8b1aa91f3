package io.lifeboat.postgres;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that holds pages of a relation.
 *
 * @param path where it lies in the cluster
 * @param tablespaceOid 0 for the database's own tablespace
 * @param databaseOid 0 for relations that all databases share
 * @param fileNode the number in its name
 * @param fork empty for the table's or index's own pages, else {@code fsm}, {@code vm}, {@code
 *     init}
 * @param segment which of the fork's files it is, from 0
 */
record RelationFile(
    BaseBackupPath path,
    long tablespaceOid,
    long databaseOid,
    long fileNode,
    String fork,
    long segment) {
  private static final Pattern NAME =
      Pattern.compile("([1-9][0-9]{0,9})(?:_(fsm|vm|init))?(?:\\.([1-9][0-9]{0,9}))?");
  private static final Pattern OID = Pattern.compile("[1-9][0-9]{0,9}");
  private static final long GLOBAL_TABLESPACE = 1664;

  /** The relation's file that a path is, or empty if it is none. */
  static Optional<RelationFile> of(BaseBackupPath path) {
    List<String> names = path.components().stream().map(Object::toString).toList();
    Matcher name = NAME.matcher(names.getLast());
    if (!name.matches()) {
      return Optional.empty();
    }
    if (path.tablespaceOid().isEmpty() && names.size() == 2 && names.get(0).equals("global")) {
      return Optional.of(make(path, GLOBAL_TABLESPACE, 0, name));
    }
    boolean inDatabase = names.size() == 3 && OID.matcher(names.get(1)).matches();
    boolean known =
        path.tablespaceOid().isPresent()
            ? names.getFirst().startsWith("PG_")
            : names.getFirst().equals("base");
    return inDatabase && known
        ? Optional.of(
            make(path, path.tablespaceOid().orElse(0L), Long.parseLong(names.get(1)), name))
        : Optional.empty();
  }

  private static RelationFile make(
      BaseBackupPath path, long tablespaceOid, long databaseOid, Matcher name) {
    return new RelationFile(
        path,
        tablespaceOid,
        databaseOid,
        Long.parseLong(name.group(1)),
        Optional.ofNullable(name.group(2)).orElse(""),
        Optional.ofNullable(name.group(3)).map(Long::parseLong).orElse(0L));
  }
}
