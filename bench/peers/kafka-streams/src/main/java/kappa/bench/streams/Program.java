package kappa.bench.streams;

import java.util.Properties;
import kappa.bench.events.Settings;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * A query on Kafka Streams, exactly once. Tuned as its documentation advises for throughput: caches on where they help,
 * topology optimisation, larger fetches, polls and batches, compression; stores in memory (faster here than RocksDB).
 */
public final class Program {
  public static void main(String[] arguments) {
    Settings settings = new Settings(arguments);
    Properties properties = propertiesOf(settings);
    Topology topology = Queries.of(settings).build(properties);
    KafkaStreams streams = new KafkaStreams(topology, properties);
    streams.setUncaughtExceptionHandler(
        thrown -> {
          thrown.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private static Properties propertiesOf(Settings settings) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.text("name"));
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.text("brokers"));
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.text("data"));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.number("commit"));
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.number("threads"));
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
    properties.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, settings.number("ahead"));
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.number("ahead"));
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, settings.number("fetchBytes"));
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, settings.number("linger"));
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 128L << 20);
    return properties;
  }
}
