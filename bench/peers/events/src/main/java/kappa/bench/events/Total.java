package kappa.bench.events;

/** Count and sum. */
public final class Total {
  public long events;
  public long revenue;

  public Total add(long amount) {
    events++;
    revenue += amount;
    return this;
  }

  public Total merge(Total other) {
    events += other.events;
    revenue += other.revenue;
    return this;
  }
}
