package kappa.bench.streams;

import java.time.Duration;
import java.util.Properties;
import kappa.bench.events.Event;
import kappa.bench.events.RowWriter;
import kappa.bench.events.Settings;
import kappa.bench.events.Total;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;

/** The queries of bench/queries.ts in Kafka Streams' DSL; results once, when their window closes. */
final class Queries {
  private final Settings settings;
  private final StreamsBuilder builder = new StreamsBuilder();
  private final ThreadLocal<RowWriter> rows;
  private final Duration grace;

  private Queries(Settings settings) {
    this.settings = settings;
    this.grace = Duration.ofMillis(settings.number("grace"));
    int schemaId = settings.number("resultSchemaId");
    this.rows = ThreadLocal.withInitial(() -> new RowWriter(schemaId));
  }

  static Queries of(Settings settings) {
    return new Queries(settings);
  }

  Topology build(Properties properties) {
    switch (settings.text("query")) {
      case "country" -> country();
      case "user" -> windowed(byVisitor(), grace);
      case "session" -> sessions();
      case "mask" -> mask();
      case "join" -> join();
      case "dedup" -> distinct();
      default -> throw new IllegalArgumentException("no such query: " + settings.text("query"));
    }
    return builder.build(properties);
  }

  private KStream<String, Event> read(String input, String... fields) {
    return builder.stream(
        settings.text(input),
        Consumed.with(Serdes.String(), Wire.events(settings.text(input + "Schema"), fields))
            .withTimestampExtractor((record, partitionTime) -> ((Event) record.value()).occurredAt));
  }

  private void country() {
    // Partitions are read at different speeds and meet behind the repartition topic: a short grace would lose events.
    Duration patience = Duration.ofMillis(settings.number("rekeyGrace"));
    windowed(
        read("purchases", "country", "amount", "occurredAt")
            .map((key, event) -> KeyValue.pair(event.country, event.amount))
            .groupByKey(Grouped.with("by-country", Serdes.String(), Serdes.Long())),
        patience);
  }

  private KGroupedStream<String, Long> byVisitor() {
    return read("purchases", "amount", "occurredAt")
        .mapValues(event -> event.amount)
        .groupByKey(Grouped.with(Serdes.String(), Serdes.Long()));
  }

  private void windowed(KGroupedStream<String, Long> grouped, Duration patience) {
    Duration size = Duration.ofMillis(settings.number("size"));
    Materialized<String, Total, org.apache.kafka.streams.state.WindowStore<org.apache.kafka.common.utils.Bytes, byte[]>> store =
        Materialized.<String, Total>as(
                Stores.inMemoryWindowStore("totals", size.plus(patience).plus(size), size, false))
            .withKeySerde(Serdes.String())
            .withValueSerde(Wire.totals());
    var windows = grouped.windowedBy(TimeWindows.ofSizeAndGrace(size, patience));
    if (settings.text("emit").equals("final"))
      out(windows.emitStrategy(EmitStrategy.onWindowClose()).aggregate(Total::new, (key, amount, total) -> total.add(amount), store));
    else
      out(
          windows
              .aggregate(Total::new, (key, amount, total) -> total.add(amount), store.withCachingEnabled())
              .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded())));
  }

  private void sessions() {
    Duration gap = Duration.ofMillis(settings.number("gap"));
    Materialized<String, Total, org.apache.kafka.streams.state.SessionStore<org.apache.kafka.common.utils.Bytes, byte[]>> store =
        Materialized.<String, Total>as(Stores.inMemorySessionStore("totals", gap.plus(grace).multipliedBy(2)))
            .withKeySerde(Serdes.String())
            .withValueSerde(Wire.totals());
    var windows = byVisitor().windowedBy(SessionWindows.ofInactivityGapAndGrace(gap, grace));
    if (settings.text("emit").equals("final"))
      out(
          windows
              .emitStrategy(EmitStrategy.onWindowClose())
              .aggregate(Total::new, (key, amount, total) -> total.add(amount), (key, left, right) -> left.merge(right), store));
    else
      out(
          windows
              .aggregate(
                  Total::new,
                  (key, amount, total) -> total.add(amount),
                  (key, left, right) -> left.merge(right),
                  store.withCachingEnabled())
              .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded())));
  }

  private void out(KTable<Windowed<String>, Total> totals) {
    totals
        .toStream()
        .map(
            (window, total) ->
                KeyValue.pair(
                    window.key(),
                    rows.get()
                        .total(window.key(), window.window().start(), window.window().end(), total.events, total.revenue)))
        .to(settings.text("result"), Produced.with(Serdes.String(), Serdes.ByteArray()));
  }

  private void mask() {
    read("purchases", "eventId", "visitorId", "country", "amount", "ip", "email", "occurredAt")
        .mapValues(event -> rows.get().masked(event))
        .to(settings.text("result"), Produced.with(Serdes.String(), Serdes.ByteArray()));
  }

  private void distinct() {
    Duration horizon = Duration.ofMillis(settings.number("horizon"));
    // Spans as long as the horizon, one entry a span: the store in memory looks into every time stamp of a range.
    builder.addStateStore(
        Stores.windowStoreBuilder(
            Stores.inMemoryWindowStore("seen", horizon.multipliedBy(3), horizon, false), Serdes.String(), Serdes.Long()));
    read("purchases", "eventId", "visitorId", "orderId", "amount", "occurredAt")
        .processValues(() -> new Distinct("seen", horizon.toMillis()), "seen")
        .mapValues(event -> rows.get().distinct(event.eventId, event.visitorId, event.orderId, event.amount, event.occurredAt))
        .to(settings.text("result"), Produced.with(Serdes.String(), Serdes.ByteArray()));
  }

  private void join() {
    Duration before = Duration.ofMillis(settings.number("before"));
    Duration retention = before.plus(grace);
    read("purchases", "eventId", "amount", "occurredAt")
        .join(
            read("clicks", "eventId", "occurredAt"),
            (visitor, purchase, click) ->
                rows.get().pair(visitor, purchase.eventId, click.eventId, purchase.amount, purchase.occurredAt),
            JoinWindows.ofTimeDifferenceAndGrace(before, grace).after(Duration.ZERO),
            StreamJoined.<String, Event, Event>with(
                    Stores.inMemoryWindowStore("purchases", retention, before, true),
                    Stores.inMemoryWindowStore("clicks", retention, before, true))
                .withKeySerde(Serdes.String())
                .withValueSerde(Wire.kept())
                .withOtherValueSerde(Wire.kept()))
        .to(settings.text("result"), Produced.with(Serdes.String(), Serdes.ByteArray()));
  }
}
