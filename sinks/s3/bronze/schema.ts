/**
 * A record of the archive: everything a replay needs, as read. `value` is the Avro body (without registry framing) where
 * `schemaId` is set, else the bytes as they were. `hash` is the row's `_hash`, so that an altered row can be named.
 */
export const bronzeSchema = {
  type: 'record',
  name: 'ArchivedRecord',
  namespace: 'kappa',
  doc: 'A record of a Kafka topic as it was read.',
  fields: [
    { name: 'offset', type: 'long' },
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'key', type: ['null', 'bytes'] },
    { name: 'headers', type: { type: 'map', values: 'bytes' } },
    { name: 'schemaId', type: ['null', 'int'] },
    { name: 'value', type: ['null', 'bytes'] },
    { name: 'hash', type: { type: 'fixed', name: 'RowHash', size: 8 } },
  ],
} as const
