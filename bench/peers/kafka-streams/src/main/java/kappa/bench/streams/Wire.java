package kappa.bench.streams;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import kappa.bench.events.Event;
import kappa.bench.events.EventReader;
import kappa.bench.events.First;
import kappa.bench.events.Total;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** How events come in, and how state and what goes over repartition topics is written: a few bytes, by hand. */
final class Wire {
  private Wire() {}

  /** Framed Avro, reading the named fields alone. A deserializer belongs to one thread's consumer. */
  static Serde<Event> events(String avsc, String... fields) {
    Serializer<Event> none = (topic, value) -> { throw new UnsupportedOperationException(); };
    ThreadLocal<EventReader> readers = ThreadLocal.withInitial(() -> new EventReader(avsc, fields));
    Deserializer<Event> read =
        (topic, bytes) -> {
          First.record();
          return readers.get().read(bytes, new Event());
        };
    return Serdes.serdeFrom(none, read);
  }

  static Serde<Total> totals() {
    Serializer<Total> write =
        (topic, total) -> total == null ? null : ByteBuffer.allocate(16).putLong(total.events).putLong(total.revenue).array();
    Deserializer<Total> read =
        (topic, bytes) -> {
          if (bytes == null) return null;
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          Total total = new Total();
          total.events = buffer.getLong();
          total.revenue = buffer.getLong();
          return total;
        };
    return Serdes.serdeFrom(write, read);
  }

  /** What a join keeps of an event: id, amount and time. */
  static Serde<Event> kept() {
    Serializer<Event> write =
        (topic, event) -> {
          byte[] id = event.eventId.getBytes(StandardCharsets.UTF_8);
          return ByteBuffer.allocate(16 + id.length).putLong(event.amount).putLong(event.occurredAt).put(id).array();
        };
    Deserializer<Event> read =
        (topic, bytes) -> {
          Event event = new Event();
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          event.amount = buffer.getLong();
          event.occurredAt = buffer.getLong();
          event.eventId = new String(bytes, 16, bytes.length - 16, StandardCharsets.UTF_8);
          return event;
        };
    return Serdes.serdeFrom(write, read);
  }
}
