export {
  type ClusterLayout,
  type Column,
  createTable,
  DEDUPLICATION_WINDOW,
  onCluster,
  storedTable,
  type Table,
  type TableOptions,
  tableOf,
} from './clickhouse.ts'
export { BRANCH, type Composite, clickhouseType, NO_BRANCH, PRESENT, VALUE } from './clickhouse-type.ts'
export { incompatibility } from './compatibility.ts'
export { containerRecords } from './container.ts'
export * from './contract.ts'
export { decimalOfText, decimalText } from './decimal.ts'
export { Evolution } from './evolution.ts'
export { readContracts } from './files.ts'
export { generatedFiles } from './generate/index.ts'
export { readable } from './json.ts'
export { kafkaTopicOf, retentionMs, type TopicOptions, type TopicSettings } from './kafka.ts'
export { keyText, keyTexts } from './key.ts'
export { memoryRegistry } from './memory-registry.ts'
export { parseContract } from './parse.ts'
export { connectRegistry, type RegistryOptions, subjectOf } from './registry.ts'
export { rulesOf } from './rules.ts'
export { topic, topicOf } from './topic.ts'
export { valueBytes } from './value-bytes.ts'
export { WireCursor } from './wire.ts'
export { timeReader } from './wire-field.ts'
