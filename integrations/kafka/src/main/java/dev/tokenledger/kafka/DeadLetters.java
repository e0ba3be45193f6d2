package dev.tokenledger.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;

/** The topic that takes bad messages: key, value and headers as they came, and headers that say whence and why. */
final class DeadLetters implements AutoCloseable {

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final Duration wait;

    DeadLetters(Producer<byte[], byte[]> producer, String topic, Duration wait) {
        this.producer = producer;
        this.topic = topic;
        this.wait = wait;
    }

    /** Returns once the brokers have acknowledged it. One that is sent again after a crash is there twice. */
    void send(Message bad) {
        ConsumerRecord<byte[], byte[]> message = bad.message();
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(topic, null, message.key(), message.value(), message.headers());
        header(letter, "topic", message.topic());
        header(letter, "partition", Integer.toString(message.partition()));
        header(letter, "offset", Long.toString(message.offset()));
        header(letter, "reason", bad.fault());
        try {
            producer.send(letter).get(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.unwrapped(e);
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "the topic " + topic + " took no bad message within " + wait.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static void header(ProducerRecord<byte[], byte[]> letter, String name, String value) {
        letter.headers().add("tokenledger." + name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        producer.close(wait);
    }
}
