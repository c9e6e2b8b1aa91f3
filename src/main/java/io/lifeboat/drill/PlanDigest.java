package io.lifeboat.drill;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.Objectives;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Tells what one state of a plan asks of a drill from what another does: its source, how it is
 * drilled and how long that counts. When and which, and where this machine's programs lie, are no
 * part of it, nor is anything that is not written.
 */
final class PlanDigest {
  private static final List<String> WHEN_WHICH_AND_WHERE =
      List.of("schedule", "controls", "select", "within", "programs");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
          .build();

  private PlanDigest() {}

  static String of(PlanConfig plan) {
    ObjectNode asked = JSON.createObjectNode();
    asked.put("source", plan.source());
    asked.putPOJO("provenWithin", plan.objectives().flatMap(Objectives::provenWithin));
    ObjectNode drill = plan.drill().map(JSON::<ObjectNode>valueToTree).orElse(asked.objectNode());
    asked.set("drill", drill.without(WHEN_WHICH_AND_WHERE));
    try {
      return sha256(JSON.writeValueAsString(asked).getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A plan is plain data", e);
    }
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
