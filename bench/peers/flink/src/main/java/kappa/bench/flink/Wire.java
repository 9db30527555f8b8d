package kappa.bench.flink;

import java.nio.charset.StandardCharsets;
import java.util.Properties;
import kappa.bench.events.Event;
import kappa.bench.events.EventReader;
import kappa.bench.events.First;
import kappa.bench.events.Settings;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Kafka in and out, exactly once. */
final class Wire {
  private Wire() {}

  /** What a query keeps of an event. */
  interface Keep<T> extends java.io.Serializable {
    T of(Event event);
  }

  static <T> KafkaSource<T> source(Settings settings, String input, TypeInformation<T> type, Keep<T> keep, String... fields) {
    return KafkaSource.<T>builder()
        .setBootstrapServers(settings.text("brokers"))
        .setTopics(settings.text(input))
        .setGroupId(settings.text("name"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new Reading<>(settings.text(input + "Schema"), fields, type, keep))
        .setProperty("isolation.level", "read_committed")
        .setProperty("max.poll.records", "10000")
        .setProperty("max.partition.fetch.bytes", Integer.toString(4 << 20))
        .build();
  }

  static KafkaSink<Tuple2<String, byte[]>> sink(Settings settings) {
    Properties properties = new Properties();
    properties.put("transaction.timeout.ms", "60000");
    properties.put("compression.type", "lz4");
    properties.put("batch.size", Integer.toString(512 << 10));
    properties.put("linger.ms", settings.text("linger"));
    properties.put("buffer.memory", Long.toString(128L << 20));
    return KafkaSink.<Tuple2<String, byte[]>>builder()
        .setBootstrapServers(settings.text("brokers"))
        .setKafkaProducerConfig(properties)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(settings.text("name"))
        .setRecordSerializer(new Writing(settings.text("result")))
        .build();
  }

  private static final class Reading<T> implements KafkaRecordDeserializationSchema<T> {
    private final String avsc;
    private final String[] fields;
    private final TypeInformation<T> type;
    private final Keep<T> keep;
    private transient EventReader reader;
    private transient Event event;

    Reading(String avsc, String[] fields, TypeInformation<T> type, Keep<T> keep) {
      this.avsc = avsc;
      this.fields = fields;
      this.type = type;
      this.keep = keep;
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<T> out) {
      First.record();
      if (reader == null) {
        reader = new EventReader(avsc, fields);
        event = new Event();
      }
      out.collect(keep.of(reader.read(record.value(), event)));
    }

    @Override
    public TypeInformation<T> getProducedType() {
      return type;
    }
  }

  private static final class Writing implements KafkaRecordSerializationSchema<Tuple2<String, byte[]>> {
    private final String topic;

    Writing(String topic) {
      this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Tuple2<String, byte[]> row, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, row.f0.getBytes(StandardCharsets.UTF_8), row.f1);
    }
  }
}
