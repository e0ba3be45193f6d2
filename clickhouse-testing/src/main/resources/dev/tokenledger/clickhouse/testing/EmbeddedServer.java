import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A ClickHouse server within this process, from the library that chdb packages: run by {@code java EmbeddedServer.java library
 * config}, on a JDK from 25 on. It ends with its standard input.
 */
public final class EmbeddedServer {

    /** A statement that opens the ports and does not end. */
    private static final String SERVE = "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT sleepEachRow(3)"
            + " FROM system.numbers SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0"
            + " FORMAT Null";

    private static final int MAX_MESSAGE = 4096;

    private EmbeddedServer() {}

    public static void main(String[] arguments) throws Throwable {
        Thread end = new Thread(EmbeddedServer::awaitEnd, "end");
        end.setDaemon(true);
        end.start();
        Arena arena = Arena.global();
        SymbolLookup library = SymbolLookup.libraryLookup(Path.of(arguments[0]), arena);
        Linker linker = Linker.nativeLinker();
        // The library's signal handlers would take those that the JVM lives by.
        MethodHandle setHandlers = linker.downcallHandle(
                library.find("chdb_set_signal_handlers_enabled").orElseThrow(),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
        setHandlers.invoke(0);
        MethodHandle query = linker.downcallHandle(
                library.find("chdb_query_cmdline").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        MethodHandle errorOf = linker.downcallHandle(
                library.find("chdb_result_error").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        String[] line = {"clickhouse-local", "--config-file=" + arguments[1], "--query", SERVE};
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, line.length + 1);
        for (int i = 0; i < line.length; i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(line[i]));
        }
        MemorySegment result = (MemorySegment) query.invoke(line.length, array);
        MemorySegment error = (MemorySegment) errorOf.invoke(result);
        if (error.address() != 0) {
            System.err.println(error.reinterpret(MAX_MESSAGE).getString(0));
        }
        Runtime.getRuntime().halt(1);
    }

    private static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said here but the end.
            }
        } catch (IOException e) {
            // That is one as well.
        }
        Runtime.getRuntime().halt(0);
    }
}
