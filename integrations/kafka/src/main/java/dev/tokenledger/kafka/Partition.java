package dev.tokenledger.kafka;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** A partition that this process reads. Used by one thread. */
final class Partition {

    /** Every key begins with this. */
    static final String PREFIX = "kafka:";

    final TopicPartition name;

    /** What was read and is not in the ledger yet, in order. */
    final Deque<Message> pending = new ArrayDeque<>();

    private @Nullable Place place;

    /**
     * Where it stands.
     *
     * @param saved what the ledger remembers under the key, as far as this process knows
     */
    record Place(Uuid topicId, String key, Position saved) {}

    Partition(TopicPartition name) {
        this.name = name;
    }

    /**
     * The reader's state of a partition. The topic's id tells a topic from others of its name: one on another cluster, or one that was
     * removed before it was made again.
     */
    static String key(TopicPartition name, Uuid topicId) {
        return PREFIX + name.topic() + ":" + topicId + ":" + name.partition();
    }

    /** Where it stands; null while the ledger was not asked, or has to be asked again. */
    @Nullable
    Place place() {
        return place;
    }

    void place(Place at) {
        place = at;
    }

    /** Forgets what is known, and what was read by it. */
    void unplace() {
        place = null;
        pending.clear();
    }
}
