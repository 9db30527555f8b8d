package kappa.bench.events;

/** The fields of a purchase or click that queries read; those that a query does not name stay as they are. */
public final class Event {
  public String eventId;
  public String visitorId;
  public String orderId;
  public String country;
  public String ip;
  public String email;
  /** Unscaled, two decimal places. */
  public long amount;
  /** Event time, milliseconds since 1970 UTC. */
  public long occurredAt;
}
