package kappa.bench.flink;

import java.time.Duration;
import kappa.bench.events.Event;
import kappa.bench.events.RowWriter;
import kappa.bench.events.Settings;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.api.java.tuple.Tuple7;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** The queries of bench/queries.ts on the DataStream API. Events of a window: (key, time, amount). */
final class Queries {
  private static final TypeInformation<Tuple3<String, Long, Long>> SALE = Types.TUPLE(Types.STRING, Types.LONG, Types.LONG);
  private static final TypeInformation<Tuple4<String, Long, String, Long>> SIDE =
      Types.TUPLE(Types.STRING, Types.LONG, Types.STRING, Types.LONG);
  private static final TypeInformation<Tuple5<String, Long, String, String, Long>> ORDER =
      Types.TUPLE(Types.STRING, Types.LONG, Types.STRING, Types.STRING, Types.LONG);
  private static final TypeInformation<Tuple7<String, String, String, Long, String, String, Long>> WHOLE =
      Types.TUPLE(Types.STRING, Types.STRING, Types.STRING, Types.LONG, Types.STRING, Types.STRING, Types.LONG);
  private static final TypeInformation<Tuple2<Long, Long>> TOTAL = Types.TUPLE(Types.LONG, Types.LONG);
  private static final TypeInformation<Tuple2<String, byte[]>> ROW =
      Types.TUPLE(Types.STRING, org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  private final Settings settings;
  private final StreamExecutionEnvironment environment;
  private final int resultSchemaId;

  Queries(Settings settings, StreamExecutionEnvironment environment) {
    this.settings = settings;
    this.environment = environment;
    this.resultSchemaId = settings.number("resultSchemaId");
  }

  void define() {
    WindowAssigner<Object, TimeWindow> minutes = TumblingEventTimeWindows.of(Duration.ofMillis(settings.number("size")));
    switch (settings.text("query")) {
      case "country" -> windowed(sales(event -> Tuple3.of(event.country, event.occurredAt, event.amount), "country"), minutes);
      case "user" -> windowed(sales(event -> Tuple3.of(event.visitorId, event.occurredAt, event.amount), "visitorId"), minutes);
      case "session" ->
          windowed(
              sales(event -> Tuple3.of(event.visitorId, event.occurredAt, event.amount), "visitorId"),
              EventTimeSessionWindows.withGap(Duration.ofMillis(settings.number("gap"))));
      case "mask" -> mask();
      case "join" -> join();
      case "dedup" -> distinct();
      default -> throw new IllegalArgumentException("no such query: " + settings.text("query"));
    }
  }

  private KeyedStream<Tuple3<String, Long, Long>, String> sales(Wire.Keep<Tuple3<String, Long, Long>> keep, String key) {
    return environment
        .fromSource(
            Wire.source(settings, "purchases", SALE, keep, key, "amount", "occurredAt"),
            WatermarkStrategy.<Tuple3<String, Long, Long>>forBoundedOutOfOrderness(Duration.ofMillis(settings.number("grace")))
                .withTimestampAssigner((sale, written) -> sale.f1),
            "purchases")
        .keyBy(sale -> sale.f0, Types.STRING);
  }

  private void windowed(KeyedStream<Tuple3<String, Long, Long>, String> sales, WindowAssigner<Object, TimeWindow> windows) {
    sales
        .window(windows)
        .aggregate(new Adding(), new Closing(resultSchemaId), TOTAL, TOTAL, ROW)
        .sinkTo(Wire.sink(settings));
  }

  private void mask() {
    environment
        .fromSource(
            Wire.source(
                settings,
                "purchases",
                WHOLE,
                e -> Tuple7.of(e.eventId, e.visitorId, e.country, e.amount, e.ip, e.email, e.occurredAt),
                "eventId", "visitorId", "country", "amount", "ip", "email", "occurredAt"),
            WatermarkStrategy.noWatermarks(),
            "purchases")
        .map(new Masked(resultSchemaId))
        .returns(ROW)
        .sinkTo(Wire.sink(settings));
  }

  private void distinct() {
    environment
        .fromSource(
            Wire.source(
                settings,
                "purchases",
                ORDER,
                e -> Tuple5.of(e.orderId, e.occurredAt, e.eventId, e.visitorId, e.amount),
                "eventId", "visitorId", "orderId", "amount", "occurredAt"),
            WatermarkStrategy.<Tuple5<String, Long, String, String, Long>>forBoundedOutOfOrderness(
                    Duration.ofMillis(settings.number("grace")))
                .withTimestampAssigner((event, written) -> event.f1),
            "purchases")
        .keyBy(event -> event.f0, Types.STRING)
        .process(new Distinct(resultSchemaId, settings.number("horizon")), ROW)
        .sinkTo(Wire.sink(settings));
  }

  private void join() {
    side("purchases", e -> Tuple4.of(e.visitorId, e.occurredAt, e.eventId, e.amount), "visitorId", "eventId", "amount", "occurredAt")
        .intervalJoin(side("clicks", e -> Tuple4.of(e.visitorId, e.occurredAt, e.eventId, 0L), "visitorId", "eventId", "occurredAt"))
        .between(Duration.ofMillis(-settings.number("before")), Duration.ZERO)
        .process(new Pairing(resultSchemaId), ROW)
        .sinkTo(Wire.sink(settings));
  }

  private KeyedStream<Tuple4<String, Long, String, Long>, String> side(
      String input, Wire.Keep<Tuple4<String, Long, String, Long>> keep, String... fields) {
    DataStream<Tuple4<String, Long, String, Long>> events =
        environment.fromSource(
            Wire.source(settings, input, SIDE, keep, fields),
            WatermarkStrategy.<Tuple4<String, Long, String, Long>>forBoundedOutOfOrderness(
                    Duration.ofMillis(settings.number("grace")))
                .withTimestampAssigner((event, written) -> event.f1),
            input);
    return events.keyBy(event -> event.f0, Types.STRING);
  }

  private static final class Adding implements AggregateFunction<Tuple3<String, Long, Long>, Tuple2<Long, Long>, Tuple2<Long, Long>> {
    @Override
    public Tuple2<Long, Long> createAccumulator() {
      return Tuple2.of(0L, 0L);
    }

    @Override
    public Tuple2<Long, Long> add(Tuple3<String, Long, Long> sale, Tuple2<Long, Long> total) {
      total.f0++;
      total.f1 += sale.f2;
      return total;
    }

    @Override
    public Tuple2<Long, Long> getResult(Tuple2<Long, Long> total) {
      return total;
    }

    @Override
    public Tuple2<Long, Long> merge(Tuple2<Long, Long> left, Tuple2<Long, Long> right) {
      left.f0 += right.f0;
      left.f1 += right.f1;
      return left;
    }
  }

  private static final class Closing extends ProcessWindowFunction<Tuple2<Long, Long>, Tuple2<String, byte[]>, String, TimeWindow> {
    private final int schemaId;
    private transient RowWriter rows;

    Closing(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public void process(String key, Context context, Iterable<Tuple2<Long, Long>> totals, Collector<Tuple2<String, byte[]>> out) {
      if (rows == null) rows = new RowWriter(schemaId);
      TimeWindow window = context.window();
      Tuple2<Long, Long> total = totals.iterator().next();
      out.collect(Tuple2.of(key, rows.total(key, window.getStart(), window.getEnd(), total.f0, total.f1)));
    }
  }

  private static final class Masked extends RichMapFunction<Tuple7<String, String, String, Long, String, String, Long>, Tuple2<String, byte[]>> {
    private final int schemaId;
    private transient RowWriter rows;
    private transient Event event;

    Masked(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public Tuple2<String, byte[]> map(Tuple7<String, String, String, Long, String, String, Long> of) {
      if (rows == null) {
        rows = new RowWriter(schemaId);
        event = new Event();
      }
      event.eventId = of.f0;
      event.visitorId = of.f1;
      event.country = of.f2;
      event.amount = of.f3;
      event.ip = of.f4;
      event.email = of.f5;
      event.occurredAt = of.f6;
      return Tuple2.of(of.f1, rows.masked(event));
    }
  }

  private static final class Pairing
      extends ProcessJoinFunction<Tuple4<String, Long, String, Long>, Tuple4<String, Long, String, Long>, Tuple2<String, byte[]>> {
    private final int schemaId;
    private transient RowWriter rows;

    Pairing(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public void processElement(
        Tuple4<String, Long, String, Long> purchase,
        Tuple4<String, Long, String, Long> click,
        Context context,
        Collector<Tuple2<String, byte[]>> out) {
      if (rows == null) rows = new RowWriter(schemaId);
      out.collect(Tuple2.of(purchase.f0, rows.pair(purchase.f0, purchase.f2, click.f2, purchase.f3, purchase.f1)));
    }
  }
}
