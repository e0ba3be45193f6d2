package dev.tokenledger.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One broker, a process of its own on the loopback interface, for all tests of this JVM; it ends with it. */
final class KafkaBroker {

    private static final int MAX_STARTS = 3;
    private static final Duration MAX_START = Duration.ofMinutes(2);

    private static KafkaBroker shared;

    private final AtomicInteger names = new AtomicInteger();
    private final Path folder;
    private final Process process;
    private final String address;
    private final Admin admin;

    private KafkaBroker(Path folder, Process process, String address, Admin admin) {
        this.folder = folder;
        this.process = process;
        this.address = address;
        this.admin = admin;
    }

    /** Starts it when first asked for. */
    static synchronized KafkaBroker shared() {
        if (shared == null) {
            shared = start();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::stop));
        }
        return shared;
    }

    private static KafkaBroker start() {
        for (int i = 1; ; i++) {
            try {
                return start(Files.createTempDirectory("tokenledger-kafka-"));
            } catch (IOException e) {
                // Somebody else may have taken a port meanwhile.
                if (i == MAX_STARTS) {
                    throw new UncheckedIOException("no broker of Kafka starts", e);
                }
            }
        }
    }

    private static KafkaBroker start(Path folder) throws IOException {
        int port;
        int controller;
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = one.getLocalPort();
            controller = other.getLocalPort();
        }
        Path settings = folder.resolve("server.properties");
        Files.write(
                settings,
                List.of(
                        "process.roles=broker,controller",
                        "node.id=1",
                        "controller.quorum.voters=1@127.0.0.1:" + controller,
                        "controller.listener.names=CONTROLLER",
                        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                        "log.dirs=" + folder.resolve("data"),
                        "auto.create.topics.enable=false",
                        "offsets.topic.replication.factor=1",
                        "offsets.topic.num.partitions=1",
                        "transaction.state.log.replication.factor=1",
                        "transaction.state.log.num.partitions=1",
                        "transaction.state.log.min.isr=1",
                        "group.initial.rebalance.delay.ms=0",
                        "group.min.session.timeout.ms=500"));
        Path log = folder.resolve("log");
        Process format = java(
                log,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                settings.toString());
        if (!ended(format) || format.exitValue() != 0) {
            throw new IOException("cannot format " + folder + ": " + Files.readString(log));
        }
        Process process = java(log, "kafka.Kafka", settings.toString());
        String address = "127.0.0.1:" + port;
        Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address));
        long deadline = System.nanoTime() + MAX_START.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            if (answers(admin)) {
                return new KafkaBroker(folder, process, address, admin);
            }
        }
        admin.close(Duration.ZERO);
        process.destroyForcibly();
        throw new IOException("the broker did not start: " + Files.readString(log));
    }

    private static boolean answers(Admin admin) {
        try {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Process java(Path log, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(MAX_START.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return false;
        }
    }

    private void stop() {
        admin.close(Duration.ZERO);
        process.destroyForcibly();
        ended(process);
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(KafkaBroker.class.getName()).log(System.Logger.Level.DEBUG, "left behind: " + folder, e);
        }
    }

    /** Where it listens. */
    String address() {
        return address;
    }

    /** For what else is to be done. */
    Admin admin() {
        return admin;
    }

    /** A name that no topic or group has yet. */
    String newName(String kind) {
        return kind + "-" + names.incrementAndGet();
    }

    /** Makes a topic, and gives its name. */
    String newTopic(int partitions) throws Exception {
        String name = newName("calls");
        create(name, partitions);
        return name;
    }

    void create(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                .all()
                .get(1, TimeUnit.MINUTES);
    }

    /** How many offsets a topic has in all. */
    long end(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(1, TimeUnit.MINUTES)
                .get(topic)
                .partitions()
                .forEach(partition ->
                        partitions.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
        return admin.listOffsets(partitions).all().get(1, TimeUnit.MINUTES).values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    /** A producer of bytes. */
    KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
