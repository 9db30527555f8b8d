package kappa.bench.flink;

import kappa.bench.events.RowWriter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Lets the first purchase of an order through; an event-time timer forgets the order once the horizon is over. */
final class Distinct
    extends KeyedProcessFunction<String, Tuple5<String, Long, String, String, Long>, Tuple2<String, byte[]>> {
  private final int schemaId;
  private final long horizon;
  private transient ValueState<Long> seen;
  private transient RowWriter rows;

  Distinct(int schemaId, long horizon) {
    this.schemaId = schemaId;
    this.horizon = horizon;
  }

  @Override
  public void open(OpenContext context) {
    seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.LONG));
    rows = new RowWriter(schemaId);
  }

  @Override
  public void processElement(
      Tuple5<String, Long, String, String, Long> event, Context context, Collector<Tuple2<String, byte[]>> out) throws Exception {
    Long at = seen.value();
    if (at != null && Math.abs(at - event.f1) <= horizon) return;
    seen.update(event.f1);
    context.timerService().registerEventTimeTimer(event.f1 + horizon);
    out.collect(Tuple2.of(event.f3, rows.distinct(event.f2, event.f3, event.f0, event.f4, event.f1)));
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<Tuple2<String, byte[]>> out) {
    seen.clear();
  }
}
