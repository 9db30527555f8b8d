package kappa.bench.events;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Writes result rows, framed, field by field in the order of their schemas (bench/schemas). For one thread. */
public final class RowWriter {
  private final int schemaId;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
  private BinaryEncoder encoder;

  public RowWriter(int schemaId) {
    this.schemaId = schemaId;
  }

  /** Count and sum of a key's window or session. */
  public byte[] total(String key, long start, long end, long events, long revenue) {
    try {
      begin();
      encoder.writeString(key);
      encoder.writeLong(start);
      encoder.writeLong(end);
      encoder.writeLong(events);
      encoder.writeBytes(BigInteger.valueOf(revenue).toByteArray());
      return end();
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }

  public byte[] masked(Event of) {
    try {
      begin();
      encoder.writeString(of.eventId);
      encoder.writeString(of.visitorId);
      encoder.writeString(of.country);
      encoder.writeBytes(BigInteger.valueOf(of.amount).toByteArray());
      encoder.writeString(Masking.network(of.ip));
      encoder.writeString(Masking.initial(of.email));
      encoder.writeLong(of.occurredAt);
      return end();
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }

  public byte[] pair(String visitorId, String purchaseId, String clickId, long amount, long occurredAt) {
    try {
      begin();
      encoder.writeString(visitorId);
      encoder.writeString(purchaseId);
      encoder.writeString(clickId);
      encoder.writeBytes(BigInteger.valueOf(amount).toByteArray());
      encoder.writeLong(occurredAt);
      return end();
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }

  public byte[] distinct(String eventId, String visitorId, String orderId, long amount, long occurredAt) {
    try {
      begin();
      encoder.writeString(eventId);
      encoder.writeString(visitorId);
      encoder.writeString(orderId);
      encoder.writeBytes(BigInteger.valueOf(amount).toByteArray());
      encoder.writeLong(occurredAt);
      return end();
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }

  private void begin() {
    bytes.reset();
    bytes.write(0);
    for (int shift = 24; shift >= 0; shift -= 8) bytes.write(schemaId >>> shift);
    encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
  }

  private byte[] end() throws IOException {
    encoder.flush();
    return bytes.toByteArray();
  }
}
