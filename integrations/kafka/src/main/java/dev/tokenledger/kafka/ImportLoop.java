package dev.tokenledger.kafka;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.WriteResult;
import dev.tokenledger.kafka.Partition.Place;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Reads, writes, and reads on, on one thread.
 *
 * <p>The group's protocol says which partitions are read; it tells so during {@link Consumer#poll}, and nothing else runs then. A
 * partition that is new is held until the ledger has said where it stands; then it is read from there. What a poll brought is written
 * before the next one, a partition at a time, in batches that move the partition's state from where this process stands. If that is
 * not where the ledger stands, somebody else has read on meanwhile: what was read is forgotten, and the ledger asked again.
 *
 * <p>While the ledger or Kafka fails, all partitions are held and polled all the same, so that the group does not take this process
 * for dead; what was read stays until it is written or the partition goes to another process.
 *
 * <p>Dropped: committing offsets in Kafka's transactions (a ledger takes no part in them), and taking the group's offsets for
 * anything but a hint to tools that show how far behind a group is.
 */
final class ImportLoop implements ConsumerRebalanceListener {

    private final Ledger ledger;
    private final Consumer<byte[], byte[]> consumer;
    private final TopicIds topicIds;
    private final @Nullable DeadLetters deadLetters;
    private final Bounds bounds;
    private final Counters counters;
    private final Map<TopicPartition, Partition> partitions = new LinkedHashMap<>();
    /** How long the next failure holds everything. */
    private Duration pause;

    /** How long everything is held by the last failure; zero if that is over. */
    private Duration rest = Duration.ZERO;

    /** Whether all partitions are held, because something failed. */
    private boolean holding;

    /** Whether the last poll brought nothing. */
    private boolean idle;

    /**
     * How much is done at once, and how long is waited.
     *
     * @param records the most records of one commit, unless one message has more
     * @param bytes the most bytes of one commit's messages, unless one message has more
     * @param poll how long a poll waits for messages
     * @param kafka how long an answer of Kafka is waited for
     * @param firstPause after the first failure
     * @param maxPause after many
     * @param fromEnd whether a partition that the ledger knows nothing of is read from its end
     */
    record Bounds(
            int records,
            long bytes,
            Duration poll,
            Duration kafka,
            Duration firstPause,
            Duration maxPause,
            boolean fromEnd) {}

    ImportLoop(
            Ledger ledger,
            Consumer<byte[], byte[]> consumer,
            TopicIds topicIds,
            @Nullable DeadLetters deadLetters,
            Bounds bounds,
            Counters counters) {
        this.ledger = ledger;
        this.consumer = consumer;
        this.topicIds = topicIds;
        this.deadLetters = deadLetters;
        this.bounds = bounds;
        this.counters = counters;
        pause = bounds.firstPause;
    }

    /** Reads until told to stop, or until something is wrong that does not pass by itself. */
    void run(Set<String> topics, BooleanSupplier stopping) {
        attempt(() -> topicIds.of(topics));
        consumer.subscribe(topics, this);
        while (!stopping.getAsBoolean()) {
            step();
        }
    }

    private void step() {
        if (rest.isZero()) {
            attempt(() -> {
                placeNew();
                writePending();
                if (idle) {
                    savePositions();
                }
                release();
            });
        }
        Duration wait = rest.isZero() ? bounds.poll : rest;
        rest = Duration.ZERO;
        attempt(() -> take(consumer.poll(wait)));
    }

    /** Does something that is found to be still to do if it fails. */
    private void attempt(Runnable action) {
        try {
            action.run();
        } catch (OffsetOutOfRangeException e) {
            attempt(() -> leaveGap(e));
        } catch (RuntimeException e) {
            hold(e);
        }
    }

    // ---- Failures

    /** Holds all partitions for a while. What does not pass is thrown. */
    private void hold(RuntimeException failure) {
        if (!Failures.isPassing(failure)) {
            throw failure;
        }
        counters.failures.incrementAndGet();
        counters.problem("tried again in " + pause.toMillis() + " ms; nothing is lost: "
                + (failure.getMessage() == null ? failure : failure.getMessage()));
        consumer.pause(consumer.assignment());
        holding = true;
        rest = pause;
        Duration next = pause.multipliedBy(2);
        pause = next.compareTo(bounds.maxPause) < 0 ? next : bounds.maxPause;
    }

    private void release() {
        pause = bounds.firstPause;
        if (holding) {
            holding = false;
            consumer.resume(partitions.values().stream()
                    .filter(partition -> partition.place() != null)
                    .map(partition -> partition.name)
                    .toList());
        }
    }

    // ---- Which partitions

    /** A partition has a position at once, which Kafka would else look up, and is held until it has the right one. */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        for (TopicPartition name : assigned) {
            partitions.put(name, new Partition(name));
            consumer.seek(name, 0);
        }
        consumer.pause(assigned);
    }

    /** What was read of them and is not in the ledger is read by whoever has them next. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        revoked.forEach(partitions::remove);
    }

    private void placeNew() {
        List<Partition> unplaced = partitions.values().stream()
                .filter(partition -> partition.place() == null)
                .toList();
        if (unplaced.isEmpty()) {
            return;
        }
        Map<String, Uuid> ids = topicIds.of(
                unplaced.stream().map(partition -> partition.name.topic()).collect(Collectors.toSet()));
        for (Partition partition : unplaced) {
            place(partition, Objects.requireNonNull(ids.get(partition.name.topic())));
        }
    }

    private void place(Partition partition, Uuid topicId) {
        TopicPartition name = partition.name;
        if (topicId.equals(Uuid.ZERO_UUID)) {
            throw new KafkaImportException(
                    "cannot read the topic " + name.topic() + ": its brokers tell no topic ids, by which one that was"
                            + " removed and made again is known; Kafka has them from 2.8 on",
                    null);
        }
        String key = Partition.key(name, topicId);
        String state = ledger.readerState(key).orElse("");
        if (state.isEmpty()) {
            tellOfNamesakes(name, key);
            Map<TopicPartition, Long> offsets = bounds.fromEnd
                    ? consumer.endOffsets(Set.of(name), bounds.kafka)
                    : consumer.beginningOffsets(Set.of(name), bounds.kafka);
            state = Position.at(Objects.requireNonNull(offsets.get(name))).text();
            Batch first = Batch.builder().readerState(key, state).build();
            if (!(ledger.writeIf(key, "", first) instanceof ConditionalResult.Written)) {
                // Somebody else was faster. It is asked again.
                return;
            }
        }
        Position saved = Position.parse(key, state);
        consumer.seek(name, saved.forKafka());
        partition.place(new Place(topicId, key, saved));
        if (!holding) {
            consumer.resume(Set.of(name));
        }
    }

    private void tellOfNamesakes(TopicPartition name, String key) {
        String end = ":" + name.partition();
        ledger.readerStates(Partition.PREFIX + name.topic() + ":").forEach((other, state) -> {
            if (other.endsWith(end) && !other.equals(key)) {
                counters.problem(
                        name + " is of another topic than the one of this name that was read up to offset " + state
                                + ": the topic was removed and made again, and what was not read of it is lost, or it is of"
                                + " another cluster. It is read from its beginning.");
            }
        });
    }

    // ---- Reading

    private void take(ConsumerRecords<byte[], byte[]> polled) {
        idle = polled.isEmpty();
        for (ConsumerRecord<byte[], byte[]> message : polled) {
            Partition partition = partitions.get(new TopicPartition(message.topic(), message.partition()));
            Place place = partition == null ? null : partition.place();
            if (partition != null && place != null) {
                partition.pending.add(new Message(place.topicId(), message));
            }
        }
        countLag();
    }

    private void countLag() {
        long lag = 0;
        boolean known = false;
        for (Partition partition : partitions.values()) {
            OptionalLong behind =
                    partition.place() == null ? OptionalLong.empty() : consumer.currentLag(partition.name);
            known |= behind.isPresent();
            lag += behind.orElse(0) + partition.pending.size();
        }
        counters.lag = known ? OptionalLong.of(lag) : OptionalLong.empty();
    }

    /** Reads on behind what is not there any more. */
    private void leaveGap(OffsetOutOfRangeException failure) {
        Map<TopicPartition, Long> offsets = failure.offsetOutOfRangePartitions();
        Map<TopicPartition, Long> first = consumer.beginningOffsets(offsets.keySet(), bounds.kafka);
        Map<TopicPartition, OffsetAndMetadata> cut =
                failure instanceof LogTruncationException truncation ? truncation.divergentOffsets() : Map.of();
        forgetOtherTopics(offsets.keySet());
        offsets.forEach((name, offset) -> {
            Partition partition = partitions.get(name);
            if (partition == null || partition.place() == null) {
                return;
            }
            long begin = Objects.requireNonNull(first.get(name));
            OffsetAndMetadata divergent = cut.get(name);
            if (divergent != null && divergent.offset() >= begin) {
                counters.problem(name + " was cut back by its brokers from offset " + offset + " to "
                        + divergent.offset() + ", and is read on from there; what was read stays in the ledger.");
                begin = divergent.offset();
            } else if (offset < begin) {
                counters.missed.addAndGet(begin - offset);
                counters.problem("LOST: Kafka removed the offsets " + offset + " to " + (begin - 1) + " of " + name
                        + " before they were read, at most " + (begin - offset)
                        + " messages. Raise the topic's retention, or read sooner. It is read on from offset " + begin
                        + ".");
            } else {
                counters.problem(name + " ends before offset " + offset + ", up to which it was read, and is read again"
                        + " from its beginning; records that are in the ledger are not stored twice.");
            }
            if (save(partition, Position.at(begin))) {
                consumer.seek(name, begin);
            }
        });
    }

    // ---- Writing

    private void writePending() {
        Set<TopicPartition> reads = partitions.values().stream()
                .filter(partition -> !partition.pending.isEmpty())
                .map(partition -> partition.name)
                .collect(Collectors.toSet());
        if (reads.isEmpty()) {
            return;
        }
        forgetOtherTopics(reads);
        Map<TopicPartition, OffsetAndMetadata> written = new HashMap<>();
        for (TopicPartition name : reads) {
            Partition partition = Objects.requireNonNull(partitions.get(name));
            while (!partition.pending.isEmpty()) {
                writeSome(partition);
            }
            Place place = partition.place();
            if (place != null) {
                written.put(name, place.saved().forKafka());
            }
        }
        // For tools that show how far behind a group is. Nothing is read from there, so that a failure is ignored.
        consumer.commitAsync(written, (offsets, failure) -> {});
    }

    /**
     * What was read before now is of the topics with these ids, if they are still the same. If one is not, some of it may be of the new
     * one: nothing of it is written, and it is read again.
     */
    private void forgetOtherTopics(Set<TopicPartition> names) {
        Map<String, Uuid> ids =
                topicIds.of(names.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
        for (TopicPartition name : names) {
            Partition partition = partitions.get(name);
            Place place = partition == null ? null : partition.place();
            if (partition != null && place != null && !place.topicId().equals(ids.get(name.topic()))) {
                unplace(partition);
            }
        }
    }

    private void unplace(Partition partition) {
        consumer.pause(Set.of(partition.name));
        partition.unplace();
    }

    private void writeSome(Partition partition) {
        Place place = Objects.requireNonNull(partition.place());
        Message first = partition.pending.getFirst();
        if (first.isBad()) {
            setAside(first, place);
        }
        Batch.Builder batch = Batch.builder();
        int messages = 0;
        int records = 0;
        long bytes = 0;
        int empty = 0;
        Position next = first.next();
        for (Message message : partition.pending) {
            bytes += message.bytes();
            if (messages > 0 && bytes > bounds.bytes) {
                break;
            }
            records += message.records().size();
            if (message.isBad() || (messages > 0 && records > bounds.records)) {
                break;
            }
            message.records().forEach(batch::append);
            messages++;
            empty += message.message().value() == null ? 1 : 0;
            next = message.next();
        }
        ConditionalResult result = ledger.writeIf(
                place.key(),
                place.saved().text(),
                batch.readerState(place.key(), next.text()).build());
        if (result instanceof ConditionalResult.Written written) {
            for (int i = 0; i < messages; i++) {
                partition.pending.removeFirst();
            }
            partition.place(new Place(place.topicId(), place.key(), next));
            counters.messages.addAndGet(messages);
            counters.empty.addAndGet(empty);
            long stored = written.results().stream()
                    .filter(AppendResult.Appended.class::isInstance)
                    .count();
            counters.stored.addAndGet(stored);
            counters.duplicates.addAndGet(written.results().size() - stored);
        } else if (result instanceof ConditionalResult.Refused refused) {
            refuse(partition, refused.results());
        } else {
            counters.lostRaces.incrementAndGet();
            unplace(partition);
        }
    }

    /** Finds the first message with a record that the ledger does not take. */
    private static void refuse(Partition partition, List<WriteResult> results) {
        int result = 0;
        for (Message message : partition.pending) {
            for (int i = 0; i < message.records().size(); i++, result++) {
                String which = message.records().size() == 1 ? "" : "record " + (i + 1) + ": ";
                if (results.get(result) instanceof AppendResult.Conflict conflict) {
                    message.refuse(
                            which + "the ledger has another record with its id, which differs in " + conflict.field());
                    return;
                }
                if (results.get(result) instanceof AppendResult.Rejected rejected) {
                    message.refuse(which + rejected.reason());
                    return;
                }
            }
        }
        throw new IllegalStateException("a batch was refused, and none of its steps");
    }

    private void setAside(Message bad, Place place) {
        if (deadLetters == null) {
            throw new KafkaImportException(
                    "stopped at a bad message, " + bad + ": " + bad.fault()
                            + ". What is before it is in the ledger, and nothing of it or behind it. Name a topic for bad"
                            + " messages and run again; or, to leave it out, set the ledger's reader state "
                            + place.key()
                            + " to " + bad.next().offset(),
                    null);
        }
        deadLetters.send(bad);
        counters.bad.incrementAndGet();
        counters.problem("a bad message was set aside, " + bad + ": " + bad.fault());
        bad.setAside();
    }

    /** Saves how far it was read where that was without messages, as at the ends of transactions: a gap there is none. */
    private void savePositions() {
        for (Partition partition : List.copyOf(partitions.values())) {
            Place place = partition.place();
            if (place != null) {
                long read = consumer.position(partition.name, bounds.kafka);
                if (read > place.saved().offset()) {
                    save(partition, new Position(read, place.saved().epoch()));
                }
            }
        }
    }

    /** Moves a partition without writing records; false if somebody else did. */
    private boolean save(Partition partition, Position position) {
        Place place = Objects.requireNonNull(partition.place());
        if (!position.equals(place.saved())) {
            Batch batch =
                    Batch.builder().readerState(place.key(), position.text()).build();
            if (!(ledger.writeIf(place.key(), place.saved().text(), batch) instanceof ConditionalResult.Written)) {
                counters.lostRaces.incrementAndGet();
                unplace(partition);
                return false;
            }
            partition.place(new Place(place.topicId(), place.key(), position));
        }
        return true;
    }
}
