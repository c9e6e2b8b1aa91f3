package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Cuts a script of {@code pg_dump} into statements, as {@code psql} would: a semicolon ends one
 * unless it is quoted, in a comment, within parentheses (rules) or in the body of a function
 * ({@code BEGIN ATOMIC … END}). Lines of {@code psql} itself, which begin with a backslash, are
 * left out. Takes bytes as they come; holds one statement. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">lexical
 *     structure</a>
 */
public final class SqlStatements {
  private enum State {
    TEXT,
    QUOTED,
    ESCAPED_QUOTED,
    IDENTIFIER,
    DOLLAR_TAG,
    DOLLAR_QUOTED,
    LINE_COMMENT,
    BLOCK_COMMENT,
    META_LINE
  }

  private final Consumer<String> sink;
  private final ByteArrayOutputStream statement = new ByteArrayOutputStream();
  private final StringBuilder word = new StringBuilder();
  private final StringBuilder dollarTag = new StringBuilder();
  private final StringBuilder match = new StringBuilder();
  private State state = State.TEXT;
  private int previous = '\n';
  private boolean blank = true;
  private boolean escape;
  private int parentheses;
  private int comments;
  private String lastWord = "";
  private int bodies;

  /** Statements go there, without their semicolons. */
  public SqlStatements(Consumer<String> sink) {
    this.sink = sink;
  }

  /** The next bytes of the script. */
  public void add(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      next(bytes.get() & 0xFF);
    }
  }

  /**
   * The script is at its end.
   *
   * @throws PermanentException {@code OBJECT_DAMAGED} if it ends within a statement
   */
  public void end() {
    next('\n');
    if (!blank) {
      throw damaged("it ends within a statement: " + head(text()));
    }
  }

  private void next(int c) {
    switch (state) {
      case TEXT -> text(c);
      case QUOTED -> endAt(c, '\'');
      case IDENTIFIER -> endAt(c, '"');
      case ESCAPED_QUOTED -> {
        if (escape) {
          escape = false;
        } else if (c == '\\') {
          escape = true;
        } else if (c == '\'') {
          state = State.TEXT;
        }
        keep(c);
      }
      case DOLLAR_TAG -> dollarTag(c);
      case DOLLAR_QUOTED -> dollarQuoted(c);
      case LINE_COMMENT -> {
        if (c == '\n') {
          state = State.TEXT;
          keep(c);
        }
      }
      case BLOCK_COMMENT -> blockComment(c);
      case META_LINE -> {
        if (c == '\n') {
          state = State.TEXT;
        }
      }
    }
    previous = c;
  }

  private void endAt(int c, int quote) {
    if (c == quote) {
      state = State.TEXT; // a doubled quote opens it again at once
    }
    keep(c);
  }

  private void text(int c) {
    if (isWord(c) && !(word.isEmpty() && c >= '0' && c <= '9')) {
      if (c != '$' || !word.isEmpty()) {
        word.appendCodePoint(c);
        keep(c);
        return;
      }
    } else if (c == '\'') {
      // E'…' has backslashes; a word directly before a quote is no other thing than its kind.
      boolean escaped = word.length() == 1 && (word.charAt(0) | 0x20) == 'e';
      endWord();
      state = escaped ? State.ESCAPED_QUOTED : State.QUOTED;
      escape = false;
      keep(c);
      return;
    }
    endWord();
    punctuation(c);
  }

  private void punctuation(int c) {
    switch (c) {
      case '"' -> {
        state = State.IDENTIFIER;
        keep(c);
      }
      case '$' -> {
        state = State.DOLLAR_TAG;
        dollarTag.setLength(0);
        keep(c);
      }
      case '-' -> {
        if (previous == '-') {
          state = State.LINE_COMMENT;
          unkeep();
        } else {
          keep(c);
        }
      }
      case '*' -> {
        if (previous == '/') {
          state = State.BLOCK_COMMENT;
          comments = 1;
          unkeep();
          previous = ' ';
        } else {
          keep(c);
        }
      }
      case '(' -> {
        parentheses++;
        keep(c);
      }
      case ')' -> {
        parentheses--;
        keep(c);
      }
      case '\\' -> {
        if (previous == '\n' && blank) {
          state = State.META_LINE;
        } else {
          keep(c);
        }
      }
      case ';' -> {
        if (parentheses > 0 || bodies > 0) {
          keep(c);
        } else {
          endStatement();
        }
      }
      default -> keep(c);
    }
  }

  private void dollarTag(int c) {
    if (c == '$') {
      state = State.DOLLAR_QUOTED;
      match.setLength(0);
      keep(c);
    } else if (isWord(c) && !(dollarTag.isEmpty() && c >= '0' && c <= '9')) {
      dollarTag.appendCodePoint(c);
      keep(c);
    } else {
      state = State.TEXT; // a parameter, such as $1
      text(c);
    }
  }

  private void dollarQuoted(int c) {
    keep(c);
    String end = "$" + dollarTag + "$";
    match.appendCodePoint(c);
    if (match.length() > end.length()) {
      match.deleteCharAt(0);
    }
    if (match.toString().equals(end)) {
      state = State.TEXT;
    }
  }

  private void blockComment(int c) {
    if (previous == '*' && c == '/') {
      comments--;
    } else if (previous == '/' && c == '*') {
      comments++;
    }
    if (comments == 0) {
      state = State.TEXT;
      keep(' ');
    }
  }

  /** Follows how deep in the body of a function written in SQL this is. */
  private void endWord() {
    if (word.isEmpty()) {
      return;
    }
    String text = word.toString().toUpperCase(Locale.ROOT);
    word.setLength(0);
    if (bodies > 0 && parentheses == 0) {
      switch (text) {
        case "CASE" -> bodies++;
        case "END" -> bodies--;
        default -> {}
      }
    } else if (text.equals("ATOMIC") && lastWord.equals("BEGIN")) {
      bodies = 1;
    }
    lastWord = text;
  }

  private void endStatement() {
    if (!blank) {
      sink.accept(text());
    }
    statement.reset();
    blank = true;
    lastWord = "";
    bodies = 0;
    parentheses = 0;
  }

  private void keep(int c) {
    boolean space = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
    if (blank && space) {
      return;
    }
    blank = false;
    statement.write(c);
  }

  /** Takes back the first half of what has turned out to begin a comment. */
  private void unkeep() {
    byte[] kept = statement.toByteArray();
    statement.reset();
    statement.write(kept, 0, kept.length - 1);
    blank = kept.length == 1;
  }

  private String text() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(statement.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw damaged("it is not UTF-8");
    }
  }

  private static String head(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  private static PermanentException damaged(String why) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED,
        "A script of definitions cannot be run: " + why,
        "Restore the snapshot to a folder and load it with psql, as README.txt there says.");
  }

  private static boolean isWord(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }
}
