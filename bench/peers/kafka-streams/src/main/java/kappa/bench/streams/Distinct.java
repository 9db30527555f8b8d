package kappa.bench.streams;

import kappa.bench.events.Event;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.WindowStore;

/** Lets the first purchase of an order through. What was seen is held by order in spans as long as the horizon. */
final class Distinct implements FixedKeyProcessor<String, Event, Event> {
  private final String name;
  private final long horizon;
  private FixedKeyProcessorContext<String, Event> context;
  private WindowStore<String, Long> seen;

  Distinct(String name, long horizon) {
    this.name = name;
    this.horizon = horizon;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Event> context) {
    this.context = context;
    this.seen = context.getStateStore(name);
  }

  @Override
  public void process(FixedKeyRecord<String, Event> record) {
    String order = record.value().orderId;
    long time = record.value().occurredAt;
    long span = time - Math.floorMod(time, horizon);
    if (near(order, span, time) || near(order, span - horizon, time) || near(order, span + horizon, time)) return;
    seen.put(order, time, span);
    context.forward(record);
  }

  private boolean near(String order, long span, long time) {
    Long at = seen.fetch(order, span);
    return at != null && Math.abs(at - time) <= horizon;
  }
}
