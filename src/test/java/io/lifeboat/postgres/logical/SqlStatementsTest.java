package io.lifeboat.postgres.logical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlStatementsTest {
  private static List<String> cut(String script) {
    var found = new ArrayList<String>();
    var statements = new SqlStatements(found::add);
    // A byte at a time: nothing may depend on where a buffer ends.
    for (byte b : script.getBytes(StandardCharsets.UTF_8)) {
      statements.add(ByteBuffer.wrap(new byte[] {b}));
    }
    statements.end();
    return found;
  }

  @Test
  void aSemicolonEndsAStatement() {
    assertThat(cut("SET a = 1;\n\n ;SELECT 2 ; SELECT 'ü'\n;"))
        .containsExactly("SET a = 1", "SELECT 2 ", "SELECT 'ü'\n");
  }

  @Test
  void quotedSemicolonsDoNot() {
    assertThat(cut("SELECT ';', 'it''s;', \";\"\";\", E'\\';\\\\', e';', B'0', date';';"))
        .containsExactly("SELECT ';', 'it''s;', \";\"\";\", E'\\';\\\\', e';', B'0', date';'");
    assertThat(cut("SELECT 'C:\\'; SELECT 2;")).containsExactly("SELECT 'C:\\'", "SELECT 2");
    assertThat(cut("SELECT $$;$x$;$$, $ü1$;$$;$ü$;$ü1$; SELECT $1; SELECT a$b$c;"))
        .containsExactly("SELECT $$;$x$;$$, $ü1$;$$;$ü$;$ü1$", "SELECT $1", "SELECT a$b$c");
  }

  @Test
  void commentsAreLeftOut() {
    assertThat(
            cut("-- a; b'\nSELECT 1 -- c; $$\n+ 2 /* ; /* ' */ ; */ - 3; /**/ SELECT 4 / 2 * 3;"))
        .containsExactly("SELECT 1 \n+ 2   - 3", "SELECT 4 / 2 * 3");
    assertThat(cut("SELECT '--;', '/*'; SELECT a - -1, b->>'x';"))
        .containsExactly("SELECT '--;', '/*'", "SELECT a - -1, b->>'x'");
  }

  @Test
  void linesForPsqlAreLeftOut() {
    assertThat(cut("\n\\restrict a;b'\n\nSELECT 1;\n\n\\unrestrict a;b'\n"))
        .containsExactly("SELECT 1");
  }

  @Test
  void rulesAndBodiesKeepTheirSemicolons() {
    String rule = "CREATE RULE r AS ON INSERT TO t DO ( SELECT 1;\n SELECT ')';\n)";
    String function =
        "CREATE FUNCTION f(begin int) RETURNS int\n BEGIN ATOMIC\n SELECT CASE WHEN x THEN"
            + " (CASE y WHEN 1 THEN 2 END) ELSE CASE WHEN true THEN 1 END END AS \"end\";\n"
            + " SELECT 'END';\nEND";
    String named = "ALTER FUNCTION public.begin() OWNER TO x";
    assertThat(cut(rule + ";\n" + function + ";\n" + named + ";\nSELECT 1;"))
        .containsExactly(rule, function, named, "SELECT 1");
  }

  @Test
  void aScriptThatEndsTooEarlyIsNotTakenForWhole() {
    assertThatThrownBy(() -> cut("SELECT 1; CREATE TABLE t (a"))
        .hasMessageContaining("ends within a statement: CREATE TABLE t (a");
    assertThatThrownBy(() -> cut("SELECT $$ never ends;"))
        .hasMessageContaining("ends within a statement");
  }
}
