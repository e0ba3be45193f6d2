package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresAddressTest {

    @TempDir
    Path home;

    private final List<String> warnings = new ArrayList<>();

    private PostgresAddress parse(String text, String... variables) {
        Map<String, String> environment = new java.util.HashMap<>(Map.of("HOME", home.toString()));
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return PostgresAddress.parse(text, environment, warnings::add);
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://ann@db.example:6543/usage, postgresql://ann@db.example:6543/usage",
        "postgres://ann@db.example/usage, postgresql://ann@db.example/usage",
        "POSTGRES://ann@db.example/usage, postgresql://ann@db.example/usage",
        "postgresql://ann@db.example, postgresql://ann@db.example/ann",
        "postgresql://ann@/usage, postgresql://ann@localhost/usage",
        "postgresql://ann@db.example:/usage, postgresql://ann@db.example/usage",
        "postgresql:///usage?host=db.example&user=ann&port=7, postgresql://ann@db.example:7/usage",
        "postgresql://ann@[::1]:7000/usage, postgresql://ann@[::1]:7000/usage",
        "'postgresql://ann@one:1,two:2/usage', 'postgresql://ann@one:1,two:2/usage'",
        "postgresql://a%40b@db/us%2Fage, postgresql://a@b@db/us/age",
        "postgresql://ann:s3cret@db/usage, postgresql://ann@db/usage",
        "postgresql://ann@db/usage?schema=team, postgresql://ann@db/usage?schema=team",
    })
    void parse_readsWhatLibpqReads(String text, String shown) {
        assertThat(parse(text)).hasToString(shown);
    }

    @Test
    void parse_takesTheRestFromTheEnvironment() {
        assertThat(parse("postgresql://", "PGHOST", "db", "PGPORT", "7", "PGUSER", "ann", "PGDATABASE", "usage"))
                .hasToString("postgresql://ann@db:7/usage");
    }

    @Test
    void dataSource_carriesParametersUnderTheDriversNames() {
        PGSimpleDataSource source = parse(
                        "postgresql://ann:p%40ss%3Aword+1@db/usage?sslmode=verify-full&connect_timeout=3"
                                + "&application_name=x&target_session_attrs=read-write&options=-c%20work_mem%3D8MB")
                .dataSource();
        assertThat(source.getPassword()).isEqualTo("p@ss:word+1");
        assertThat(source.getSslMode()).isEqualTo("verify-full");
        assertThat(source.getConnectTimeout()).isEqualTo(3);
        assertThat(source.getApplicationName()).isEqualTo("x");
        assertThat(source.getTargetServerType()).isEqualTo("primary");
        assertThat(source.getOptions()).isEqualTo("-c work_mem=8MB");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://ann:s3cret@db:port/usage",
                "postgresql://ann:s3cret@db:70000/usage",
                "postgresql://ann:s3cret@db:0/usage",
                "postgresql://ann:s3cret%@db/usage",
                "postgresql://ann:s3cret%zz@db/usage",
                "postgresql://ann:s3cret#1@db/usage",
                "postgresql://ann:s3cret@[::1/usage",
                "postgresql://ann:s3cret@db/usage?colour=s3cret",
                "postgresql://ann:s3cret@db/usage?s3cret",
                "postgresql://db/usage?password=s3cret&password=s3cret",
                "postgresql://ann:s3cret@db/usage?target_session_attrs=s3cret",
                "postgresql://ann:s3cret@db/usage?schema=",
                "postgresql://ann:s3cret@%2Ftmp/usage",
                "mysql://ann:s3cret@db/usage",
            })
    void parse_refusesWithoutShowingThePassword(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(java.util.Objects.toString(e.getCause(), "") + e.getMessage())
                        .doesNotContain("s3cret"));
    }

    @Test
    void password_isTheAddressesOwnThenTheEnvironmentsThenThatOfAFile() throws Exception {
        Path own = Files.writeString(home.resolve("secret"), "fromFile\n");
        Path pgpass = Files.writeString(home.resolve(".pgpass"), """
                # comment
                other:*:*:*:wrong
                db:5432:us\\:age:ann:from\\:pgpass
                *:*:*:*:any
                """);
        Files.setPosixFilePermissions(pgpass, PosixFilePermissions.fromString("rw-------"));
        String address = "postgresql://ann@db/us%3Aage";

        assertThat(password(parse("postgresql://ann:mine@db/usage", "PGPASSWORD", "x")))
                .isEqualTo("mine");
        assertThat(password(parse(address, "PGPASSWORD", "x"))).isEqualTo("x");
        assertThat(password(parse(address, "TOKENLEDGER_LEDGER_PASSWORD_FILE", own.toString())))
                .isEqualTo("fromFile");
        assertThat(password(parse(address))).isEqualTo("from:pgpass");
        assertThat(password(parse("postgresql://bob@db/usage"))).isEqualTo("any");
        assertThat(parse(address).holdsPassword()).isFalse();
        assertThat(parse("postgresql://db/usage?user=ann&password=mine").holdsPassword())
                .isTrue();
        assertThat(warnings).isEmpty();

        Files.setPosixFilePermissions(pgpass, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(password(parse(address))).isNull();
        assertThat(warnings).singleElement().asString().contains(".pgpass", "chmod 600");
    }

    private static String password(PostgresAddress address) {
        return address.dataSource().getPassword();
    }
}
