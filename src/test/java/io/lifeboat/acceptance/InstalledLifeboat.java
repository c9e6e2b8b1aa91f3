package io.lifeboat.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The scripts as they are, over jars of what is being tested. */
public final class InstalledLifeboat {
  private final Path folder;

  private InstalledLifeboat(Path folder) {
    this.folder = folder;
  }

  /** Lays it out in a folder. */
  public static InstalledLifeboat in(Path folder) throws IOException {
    Path scripts = Files.createDirectories(folder.resolve("scripts"));
    for (String name : List.of("lifeboat", "find-jdk", "java-options", "java-options-push")) {
      Files.copy(
          Path.of("scripts", name), scripts.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Path jars = Files.createDirectories(folder.resolve("target"));
    String classPath = System.getProperty("java.class.path");
    var manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, "io.lifeboat.app.LifeboatApplication");
    main.put(
        Attributes.Name.CLASS_PATH,
        Stream.of(classPath.split(":"))
            .map(entry -> Path.of(entry).toAbsolutePath().toUri().toString())
            .collect(Collectors.joining(" ")));
    var whole = Files.newOutputStream(jars.resolve("lifeboat.jar"));
    new JarOutputStream(whole, manifest).close();
    var small = Files.newOutputStream(jars.resolve("lifeboat-push.jar"));
    try (var jar = new JarOutputStream(small, new Manifest())) {
      for (String packaged : List.of("io/lifeboat/app/push", "io/lifeboat/wal/push")) {
        add(jar, Path.of("target", "classes"), packaged);
      }
    }
    return new InstalledLifeboat(folder);
  }

  private static void add(JarOutputStream jar, Path classes, String packaged) throws IOException {
    try (Stream<Path> all = Files.list(classes.resolve(packaged))) {
      all.sorted()
          .forEach(file -> {
            try {
              jar.putNextEntry(new JarEntry(packaged + "/" + file.getFileName()));
              jar.write(Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** {@code scripts/lifeboat}. */
  public Path script() {
    return folder.resolve("scripts/lifeboat");
  }

  /** How a run of it ended. */
  public record Ended(int status, String said) {}

  /** Runs it to its end. */
  public Ended run(Path in, String... arguments) throws IOException, InterruptedException {
    Path said = Files.createTempFile("lifeboat-script", ".log");
    try {
      var command = new java.util.ArrayList<>(List.of(script().toString()));
      command.addAll(List.of(arguments));
      var builder =
          new ProcessBuilder(command)
              .directory(in.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      int status = builder.start().waitFor();
      return new Ended(status, Files.readString(said));
    } finally {
      Files.delete(said);
    }
  }
}
