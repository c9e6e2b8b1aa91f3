package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.logical.DatabaseContents;
import io.lifeboat.postgres.logical.DatabaseLoad;
import io.lifeboat.postgres.logical.GlobalsLoad;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.postgres.logical.SqlStatements;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A database that a logical snapshot is loaded into: scripts are run as they come, rows go to the
 * server while the next ones are read. Nothing is written to this machine's disk. {@link #commit}
 * compares what is there with what was dumped. For one thread.
 */
public final class DatabaseTarget implements RestoreTarget {
  private final TargetDatabase database;
  private final LogicalFacts.Database facts;
  private final Options options;
  private final Progress progress;
  private final Map<String, DatabaseContents.Table> tables = new HashMap<>();
  private Optional<DatabaseContents> contents = Optional.empty();
  private Optional<GlobalsLoad> globals = Optional.empty();
  private Optional<DatabaseLoad> load = Optional.empty();
  private Optional<LoadOutcome> outcome = Optional.empty();

  /**
   * How it is loaded.
   *
   * @param create whether the database is made first
   * @param globals whether roles that the server lacks are made first
   * @param owners whether owners and grants are restored
   * @param jobs how many parts of rows are loaded at once
   */
  public record Options(boolean create, boolean globals, boolean owners, int jobs) {}

  /**
   * A target.
   *
   * @param facts of the one database of the snapshot that is loaded; others are passed over
   */
  public DatabaseTarget(
      TargetDatabase database, LogicalFacts.Database facts, Options options, Progress progress) {
    this.database = database;
    this.facts = facts;
    this.options = options;
    this.progress = progress;
  }

  /** Whether a path of the snapshot is of this database. */
  boolean owns(RestorePath path) {
    return within(path).isPresent();
  }

  /** What was loaded, once that was committed. */
  public LoadOutcome outcome() {
    return outcome.orElseThrow();
  }

  /** What a path of the snapshot means for this database; empty for everything else. */
  private Optional<List<String>> within(RestorePath path) {
    List<String> names = path.components().stream().map(FileName::toString).toList();
    if (names.size() > 2
        && names.get(0).equals(LogicalLayout.DATABASES)
        && names.get(1).equals(facts.folder())) {
      return Optional.of(names.subList(2, names.size()));
    }
    return Optional.empty();
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    // A database has no folders.
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    List<String> names = path.components().stream().map(FileName::toString).toList();
    if (options.globals() && names.equals(List.of(LogicalLayout.CLUSTER, LogicalLayout.GLOBALS))) {
      var roles = new GlobalsLoad(database);
      globals = Optional.of(roles);
      return new Script(roles::statement, roles::requireSound);
    }
    return within(path).map(inside -> file(inside, node)).orElseGet(Passed::new);
  }

  private FileWriter file(List<String> names, Node.RegularFile node) {
    long size = node.content().sizeBytes();
    return switch (names.getFirst()) {
      case LogicalLayout.CONTENTS -> new Whole(size, this::begin);
      case LogicalLayout.PRE_DATA, LogicalLayout.LARGE_OBJECTS ->
          new Script(begun()::statement, begun()::requireSound);
      case LogicalLayout.ROWS -> rows(names, size);
      case LogicalLayout.SEQUENCES -> {
        begun().awaitRows();
        progress.phase("constraints");
        yield new Script(begun()::statement, begun()::requireSound);
      }
      case LogicalLayout.POST_DATA -> new Script(begun()::statement, begun()::requireSound);
      default -> new Passed();
    };
  }

  private FileWriter rows(List<String> names, long size) {
    String folder = names.get(1);
    if (folder.equals(LogicalLayout.LARGE_OBJECT_ROWS)) {
      return new Whole(size, bytes -> begun().largeObjects(bytes, bytes.length));
    }
    DatabaseContents.Table table =
        Optional.ofNullable(tables.get(folder))
            .orElseThrow(() -> damaged("rows in " + folder + " belong to no table"));
    return new Whole(size, bytes -> begun().rows(table, bytes, bytes.length));
  }

  /** The contents are known: makes sure that the target can take them. */
  private void begin(byte[] json) {
    DatabaseContents found = DatabaseContents.fromJson(json);
    contents = Optional.of(found);
    found.tables().forEach(rows -> tables.put(rows.folder(), rows.table()));
    if (options.create()) {
      database.create(facts);
    }
    database.requireReady(facts, options.owners());
    load = Optional.of(new DatabaseLoad(database, options.owners(), options.jobs(), progress));
  }

  private DatabaseLoad begun() {
    return load.orElseThrow(() -> damaged("it does not say what it holds"));
  }

  private PermanentException damaged(String why) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED,
        "The snapshot's database " + facts.name() + " cannot be loaded: " + why,
        "Run `lifeboat verify --level L2`, and load another snapshot.");
  }

  @Override
  public boolean hasHardLinks() {
    return false;
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    throw new IllegalStateException("This target has no links");
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    throw damaged("it has a symbolic link");
  }

  @Override
  public void commit() {
    progress.phase("compare");
    outcome =
        Optional.of(
            begun()
                .compare(
                    facts, contents.orElseThrow(() -> damaged("it does not say what it holds"))));
  }

  @Override
  public void close() {
    globals.ifPresent(GlobalsLoad::close);
    load.ifPresent(DatabaseLoad::close);
  }

  /** What is not of this database. */
  private static final class Passed implements FileWriter {
    @Override
    public void write(ByteBuffer bytes) {
      // It is for somebody else.
    }

    @Override
    public void hole(long lengthBytes) {
      // It is for somebody else.
    }

    @Override
    public void complete() {
      // It is for somebody else.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  /** Runs what it takes, statement by statement. */
  private static final class Script implements FileWriter {
    private final SqlStatements statements;
    private final Runnable done;

    Script(Consumer<String> each, Runnable done) {
      this.statements = new SqlStatements(each);
      this.done = done;
    }

    @Override
    public void write(ByteBuffer bytes) {
      statements.add(bytes);
    }

    @Override
    public void hole(long lengthBytes) {
      throw new IllegalStateException("A script has no zeros");
    }

    @Override
    public void complete() {
      statements.end();
      done.run();
    }

    @Override
    public void close() {
      // What was run stays.
    }
  }

  /** Holds a file until it is known to be right. */
  private static final class Whole implements FileWriter {
    private final byte[] bytes;
    private final Consumer<byte[]> done;
    private int lengthBytes;

    Whole(long sizeBytes, Consumer<byte[]> done) {
      this.bytes = new byte[Math.toIntExact(sizeBytes)];
      this.done = done;
    }

    @Override
    public void write(ByteBuffer from) {
      int more = from.remaining();
      from.get(bytes, lengthBytes, more);
      lengthBytes += more;
    }

    @Override
    public void hole(long more) {
      lengthBytes += Math.toIntExact(more);
    }

    @Override
    public void complete() {
      done.accept(bytes);
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
