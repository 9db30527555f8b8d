package kappa.bench.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads Confluent-framed values (magic byte, four bytes of schema id, Avro body) with a projecting reader schema: fields
 * that a query does not name are skipped, not built. Record and decoder are used again. For one thread.
 */
public final class EventReader {
  private static final int FRAME = 5;

  private final GenericDatumReader<GenericRecord> reader;
  private final String[] fields;
  private BinaryDecoder decoder;
  private GenericRecord reused;

  public EventReader(String avsc, String... fields) {
    try {
      Schema writer = new Schema.Parser().parse(Path.of(avsc).toFile());
      List<Schema.Field> kept = new ArrayList<>();
      for (String field : fields) kept.add(new Schema.Field(writer.getField(field), writer.getField(field).schema()));
      Schema projected = Schema.createRecord(writer.getName(), null, writer.getNamespace(), false, kept);
      this.reader = new GenericDatumReader<>(writer, projected);
      this.fields = fields;
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }

  public Event read(byte[] framed, Event into) {
    try {
      decoder = DecoderFactory.get().binaryDecoder(framed, FRAME, framed.length - FRAME, decoder);
      reused = reader.read(reused, decoder);
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
    for (int i = 0; i < fields.length; i++) {
      Object value = reused.get(i);
      switch (fields[i]) {
        case "eventId" -> into.eventId = value.toString();
        case "visitorId" -> into.visitorId = value.toString();
        case "orderId" -> into.orderId = value.toString();
        case "country" -> into.country = value.toString();
        case "ip" -> into.ip = value.toString();
        case "email" -> into.email = value.toString();
        case "amount" -> into.amount = unscaled((ByteBuffer) value);
        case "occurredAt" -> into.occurredAt = (Long) value;
        default -> throw new IllegalArgumentException(fields[i]);
      }
    }
    return into;
  }

  /** Big-endian two's complement, as Avro's decimal is written. */
  private static long unscaled(ByteBuffer bytes) {
    int at = bytes.position();
    long value = bytes.get(at++);
    while (at < bytes.limit()) value = (value << 8) | (bytes.get(at++) & 0xff);
    return value;
  }
}
