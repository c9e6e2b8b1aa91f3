package io.lifeboat.config;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a check's one value must be: a comparison with a literal.
 *
 * <pre>
 * expectation = operator literal | "between" literal "and" literal     (both ends inclusive)
 * operator    = "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;="
 * literal     = number | 'text' (a quote inside is doubled) | date | timestamp | true | false | null
 * date        = 2024-01-31      timestamp = 2024-01-31T12:00:00Z, or with a space and an offset; UTC where none is said
 * </pre>
 *
 * {@code true}, {@code false} and {@code null} have no order: only {@code =} and {@code !=} go with
 * them.
 */
public final class Expectation {
  private static final Pattern COMPARISON =
      Pattern.compile("(=|!=|<=|>=|<|>)\\s*(\\S.*)", Pattern.DOTALL);
  private static final Pattern LITERAL =
      Pattern.compile("'(?:[^']|'')*'|[^\\s'](?:[^']*[^\\s'])?", Pattern.DOTALL);
  private static final Pattern BETWEEN =
      Pattern.compile(
          "between\\s+('(?:[^']|'')*'|[^'\\s]+)\\s+and\\s+('(?:[^']|'')*'|[^'\\s]+)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,100}(\\.[0-9]{1,100})?");
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendPattern("['T'][' ']")
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("[XXX][X]")
          .toFormatter(Locale.ROOT);

  /** What came of comparing a value. */
  public enum Outcome {
    /** The value is as expected. */
    MET,
    /** The value is another one, or there is none. */
    MISSED,
    /** The value is of another kind than the literal, so the check itself is wrong. */
    INCOMPARABLE
  }

  private enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">="),
    BETWEEN("between");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    static Operator of(String sign) {
      for (Operator operator : values()) {
        if (operator.sign.equals(sign)) {
          return operator;
        }
      }
      throw new IllegalArgumentException(sign);
    }

    boolean ordered() {
      return this != EQUAL && this != NOT_EQUAL;
    }
  }

  private sealed interface Literal {
    record Numeric(BigDecimal value) implements Literal {}

    record Text(String value) implements Literal {}

    record Moment(Instant value) implements Literal {}

    record Truth(boolean value) implements Literal {}

    record Nothing() implements Literal {}
  }

  private final String text;
  private final Operator operator;
  private final Literal low;
  private final Literal high;

  private Expectation(String text, Operator operator, Literal low, Literal high) {
    this.text = text;
    this.operator = operator;
    this.low = low;
    this.high = high;
  }

  /**
   * Reads an expectation.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} if it is not exactly one
   */
  public static Expectation parse(String text) {
    String trimmed = text.strip();
    Matcher between = BETWEEN.matcher(trimmed);
    if (between.matches()) {
      Literal low = literal(text, between.group(1));
      Literal high = literal(text, between.group(2));
      if (low.getClass() != high.getClass() || !hasOrder(low)) {
        throw invalid(text, "both ends of 'between' must be numbers, dates or texts");
      }
      return new Expectation(trimmed, Operator.BETWEEN, low, high);
    }
    Matcher comparison = COMPARISON.matcher(trimmed);
    if (!comparison.matches()) {
      throw invalid(text, "it does not start with an operator");
    }
    Operator operator = Operator.of(comparison.group(1));
    Literal literal = literal(text, comparison.group(2));
    if (operator.ordered() && !hasOrder(literal)) {
      throw invalid(text, "true, false and null only go with = and !=");
    }
    return new Expectation(trimmed, operator, literal, literal);
  }

  /**
   * Compares a value as PostgreSQL prints it.
   *
   * @param value empty for SQL's null, which meets nothing but {@code = null} and {@code !=}
   *     anything else
   */
  public Outcome judge(Optional<String> value) {
    if (value.isEmpty() || low instanceof Literal.Nothing) {
      boolean equal = value.isEmpty() && low instanceof Literal.Nothing;
      return outcome(operator == Operator.NOT_EQUAL ? !equal : operator == Operator.EQUAL && equal);
    }
    Optional<Integer> toLow = compare(value.get(), low);
    Optional<Integer> toHigh = compare(value.get(), high);
    if (toLow.isEmpty() || toHigh.isEmpty()) {
      return Outcome.INCOMPARABLE;
    }
    int sign = toLow.get();
    return outcome(
        switch (operator) {
          case EQUAL -> sign == 0;
          case NOT_EQUAL -> sign != 0;
          case LESS -> sign < 0;
          case AT_MOST -> sign <= 0;
          case GREATER -> sign > 0;
          case AT_LEAST -> sign >= 0;
          case BETWEEN -> sign >= 0 && toHigh.get() <= 0;
        });
  }

  /** The expectation as it was written. */
  @Override
  public String toString() {
    return text;
  }

  private static Outcome outcome(boolean met) {
    return met ? Outcome.MET : Outcome.MISSED;
  }

  private static boolean hasOrder(Literal literal) {
    return switch (literal) {
      case Literal.Numeric number -> true;
      case Literal.Text quoted -> true;
      case Literal.Moment moment -> true;
      case Literal.Truth truth -> false;
      case Literal.Nothing nothing -> false;
    };
  }

  /**
   * Less than, equal to or greater than zero; empty if the value is no such thing as the literal.
   */
  private static Optional<Integer> compare(String value, Literal literal) {
    return switch (literal) {
      case Literal.Numeric number -> number(value).map(v -> v.compareTo(number.value()));
      case Literal.Text quoted -> Optional.of(value.compareTo(quoted.value()));
      case Literal.Moment moment -> moment(value).map(v -> v.compareTo(moment.value()));
      case Literal.Truth truth -> truth(value).map(v -> Boolean.compare(v, truth.value()));
      case Literal.Nothing nothing -> Optional.empty();
    };
  }

  private static Literal literal(String whole, String text) {
    if (!LITERAL.matcher(text).matches()) {
      throw invalid(whole, "more than one literal follows the operator");
    }
    if (text.startsWith("'")) {
      return new Literal.Text(text.substring(1, text.length() - 1).replace("''", "'"));
    }
    if (text.equalsIgnoreCase("null")) {
      return new Literal.Nothing();
    }
    if (text.equals("true") || text.equals("false")) {
      return new Literal.Truth(text.equals("true"));
    }
    Optional<Literal> value =
        number(text)
            .<Literal>map(Literal.Numeric::new)
            .or(() -> moment(text).map(Literal.Moment::new));
    return value.orElseThrow(() ->
        invalid(whole, "\"" + text + "\" is no number, date, true, false, null or quoted text"));
  }

  private static Optional<BigDecimal> number(String text) {
    return NUMBER.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  private static Optional<Boolean> truth(String text) {
    return switch (text) {
      case "t", "true" -> Optional.of(true);
      case "f", "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<Instant> moment(String text) {
    try {
      if (text.length() == 10) {
        return Optional.of(LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
      }
      return Optional.of(
          switch (TIMESTAMP.parseBest(text, OffsetDateTime::from, LocalDateTime::from)) {
            case OffsetDateTime offset -> offset.toInstant();
            case LocalDateTime local -> local.toInstant(ZoneOffset.UTC);
            default -> throw new DateTimeException(text);
          });
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static PermanentException invalid(String text, String reason) {
    return new PermanentException(
        ErrorCode.CONFIG_INVALID,
        "The expectation \"" + text + "\" cannot be read: " + reason,
        "Write a comparison with one literal, such as > 0, = 'paid', >= 2024-01-31 or between 1 and"
            + " 9.");
  }
}
