package io.lifeboat.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import org.jspecify.annotations.NullMarked;

@AnalyzeClasses(packages = Layers.BASE, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule importsGoOnlyDownwards =
      classes().should(Layers.useOnlyTheirLayerAndThoseBelow());

  @ArchTest
  static final ArchRule noPackageDependsOnItselfInACircle =
      slices().matching("io.lifeboat.(**)").should().beFreeOfCycles();

  // The disaster path: these run from a bucket and a recovery kit, with no service around them.
  @ArchTest
  static final ArchRule theEnginesAreALibrary =
      noClasses()
          .that()
          .resideInAnyPackage(
              of(
                  "backup",
                  "restore",
                  "browse",
                  "drill",
                  "postgres",
                  "files",
                  "wal",
                  "repository",
                  "crypto"))
          .or()
          .resideInAnyPackage(of("store", "progress", "error"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lifeboat.app..",
              "io.lifeboat.api..",
              "io.lifeboat.schedule..",
              "io.lifeboat.telemetry..",
              "io.lifeboat.operation..",
              "io.lifeboat.access..",
              "io.dropwizard..",
              "jakarta..",
              "org.jdbi..",
              "org.quartz..",
              "org.flywaydb..",
              "org.h2..");

  @ArchTest static final ArchRule restSpeaksOnlyInTheApi = owned("jakarta.ws.rs..", "api", "app");

  @ArchTest static final ArchRule quartzStaysInSchedule = owned("org.quartz..", "schedule");

  @ArchTest
  static final ArchRule jdbiStaysWithHistoryAndAccess =
      owned("org.jdbi..", "operation", "access", "app");

  @ArchTest
  static final ArchRule awsStaysInItsStore = owned("software.amazon.awssdk..", "store.s3");

  @ArchTest static final ArchRule containersAreForDrills = owned("org.testcontainers..", "drill");

  @ArchTest static final ArchRule dockerIsForDrills = owned("com.github.dockerjava..", "drill");

  @ArchTest
  static final ArchRule theDriverStaysWithItsSourceAndTheScratch =
      owned("org.postgresql..", "postgres", "drill");

  @ArchTest static final ArchRule unixSocketsAreForTheScratch = owned("org.newsclub..", "drill");

  @ArchTest static final ArchRule bouncyCastleStaysInCrypto = owned("org.bouncycastle..", "crypto");

  @ArchTest static final ArchRule qrCodesAreForTheKitsPage = owned("com.google.zxing..", "app");

  @ArchTest
  static final ArchRule jacksonIsForWhatLeavesTheProcess =
      owned("com.fasterxml.jackson..", "config", "repository", "postgres", "drill", "api", "app");

  @ArchTest
  static final ArchRule metricsAreWrittenInOnePlace = owned("io.prometheus..", "telemetry", "app");

  @ArchTest static final ArchRule nullIsNotUsed = classes().should(beInANullMarkedPackage());

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .should()
          .haveNameMatching(".*\\.(.*\\$)?(I[A-Z][a-z]\\w*|\\w*(Impl|Utils?|Manager))$");

  @ArchTest
  static final ArchRule noPackageIsADrawerForOddsAndEnds =
      noClasses().should().resideInAnyPackage("..util..", "..utils..", "..common..", "..misc..");

  /** Only the named packages of ours may use what is in {@code library}. */
  private static ArchRule owned(String library, String... owners) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(of(owners))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }

  private static String[] of(String... capabilities) {
    return Arrays.stream(capabilities)
        .map(capability -> Layers.BASE + "." + capability + "..")
        .toArray(String[]::new);
  }

  private static ArchCondition<JavaClass> beInANullMarkedPackage() {
    return new ArchCondition<>("be in a package that package-info.java marks @NullMarked") {
      @Override
      public void check(JavaClass javaClass, ConditionEvents events) {
        if (!javaClass.getPackage().isAnnotatedWith(NullMarked.class)) {
          events.add(
              SimpleConditionEvent.violated(
                  javaClass, javaClass.getPackageName() + " is not @NullMarked"));
        }
      }
    };
  }
}
