import { type Command, InvalidArgumentError } from 'commander'
import { type KafkaRecord, placeOf, type TailFrom, tail } from '#engine/broker'
import { reasonOf } from '#engine/errors'
import { type AnyTopic, type Decoder, readable } from '#engine/schema'
import { topics } from '#schemas'
import { openPlatform } from '../../platform.ts'

const help = `
Shows committed records only. Sealed personal fields stay sealed.

Examples:
  kappa tail shop.masked-purchases.v1              what comes from now on
  kappa tail shop.revenue-per-minute.v1 --last 5   the last five of each partition, then what comes
  kappa tail aviation.flights.v1 --beginning --count 10 --json`

interface TailOptions {
  readonly beginning?: boolean
  readonly last?: number
  readonly count?: number
  readonly json?: boolean
}

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

/** `kappa tail TOPIC`: records of a topic as text, decoded with their own schema. */
export function register(program: Command): void {
  program
    .command('tail')
    .description('show the records of a topic as they come')
    .argument('<topic>', 'e.g. shop.purchases.v1')
    .option('--beginning', 'from the first record')
    .option('--last <n>', 'the last so many records of each partition first', whole)
    .option('--count <n>', 'stop after so many records', whole)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', help)
    .action(show)
}

async function show(name: string, options: TailOptions): Promise<void> {
  const platform = openPlatform()
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const last = options.last === undefined ? 'end' : { last: options.last }
  const from: TailFrom = options.beginning === true ? 'beginning' : last
  const topic = topics.find((one) => name === one.name || name.startsWith(`${one.name}.g`))
  const decoder = topic === undefined ? undefined : platform.registry.decoder(topic)
  let left = options.count ?? Number.POSITIVE_INFINITY
  try {
    for await (const record of tail(platform.broker, name, { from, signal: stop.signal })) {
      const value = await decoded(record, topic, decoder)
      console.log(options.json === true ? jsonLine(record, value) : textLine(record, value))
      if (--left === 0) break
    }
  } finally {
    await platform.close()
  }
}

/** Decoded by contract where there is one; engine topics hold JSON or bytes. */
async function decoded(record: KafkaRecord, topic?: AnyTopic, decoder?: Decoder<unknown>): Promise<unknown> {
  const { value } = record
  if (value === null) return null
  if (topic === undefined || decoder === undefined) return value.toString('utf8')
  try {
    const id = decoder.idOf(value)
    if (!decoder.knows(id)) await decoder.learn(id)
    return readable(topic)(decoder.decode(value) as Record<string, unknown>)
  } catch (thrown) {
    return { undecodable: reasonOf(thrown), bytes: value.toString('base64') }
  }
}

const jsonLine = (record: KafkaRecord, value: unknown): string => {
  const { topic, partition, offset, timestamp } = record
  return JSON.stringify({ topic, partition, offset, timestamp, key: record.key?.toString('utf8') ?? null, value })
}

const textLine = (record: KafkaRecord, value: unknown): string =>
  `${placeOf(record)}@${record.offset}  ${record.key?.toString('utf8') ?? '-'}  ${typeof value === 'string' ? value : JSON.stringify(value)}`
