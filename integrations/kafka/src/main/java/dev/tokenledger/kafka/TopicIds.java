package dev.tokenledger.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Tells which topics stand behind names: one that is removed and made again has another id. Used by one thread. */
interface TopicIds extends AutoCloseable {

    /**
     * The ids of topics, by name.
     *
     * @throws KafkaException if one does not exist, or nobody answers in time
     */
    Map<String, Uuid> of(Set<String> topics);

    @Override
    void close();

    /** Asks the brokers. */
    static TopicIds by(Admin admin, Duration wait) {
        return new TopicIds() {
            @Override
            public Map<String, Uuid> of(Set<String> topics) {
                Map<String, Uuid> ids = new HashMap<>();
                admin.describeTopics(topics)
                        .topicNameValues()
                        .forEach((name, description) -> ids.put(name, id(name, description)));
                return ids;
            }

            private Uuid id(String name, Future<TopicDescription> description) {
                try {
                    return description
                            .get(wait.toMillis(), TimeUnit.MILLISECONDS)
                            .topicId();
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof UnknownTopicOrPartitionException
                            ? new UnknownTopicOrPartitionException("the topic " + name + " does not exist")
                            : Failures.unwrapped(e);
                } catch (TimeoutException e) {
                    throw new org.apache.kafka.common.errors.TimeoutException(
                            "no broker told the topics' ids within " + wait.toSeconds() + " s", e);
                } catch (InterruptedException e) {
                    throw new InterruptException(e);
                }
            }

            @Override
            public void close() {
                admin.close(wait);
            }
        };
    }
}
