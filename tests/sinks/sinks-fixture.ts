import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cutHistoryTopic } from '#engine/delivery'
import { type AnyTopic, connectRegistry } from '#engine/schema'
import { type MaskedClick, maskedClicks } from '#schemas'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'

const kappa = new URL('../../cli/kappa.mjs', import.meta.url).pathname

/** Rows of `shop.masked-clicks.v1` that the first case sends, and later ones find. */
export const ROWS = 30_000

/** What `kappa verify --json` prints. */
export interface Verified {
  readonly equal: boolean
  readonly findings: readonly {
    store: string
    equal?: boolean
    note?: string
    expected: { rows: number }
    found: { rows: number }
  }[]
}

/** A stack with both sinks' stores, which sinks join as processes of their own. */
export class Sinks {
  readonly stack: RunningStack
  readonly broker: Broker
  private readonly folder: string
  private readonly running = new Set<ChildProcess>()

  private constructor(stack: RunningStack, folder: string) {
    this.stack = stack
    this.folder = folder
    this.broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  }

  static async install(): Promise<Sinks> {
    const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-sinks-'))
    const services = ['kafka', 'registry', 'clickhouse', 's3'] as const
    return new Sinks(await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services }), dataFolder)
  }

  async close(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL')
    await this.broker.close()
    await this.stack.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Starts `kappa …args` and does not wait. */
  start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [kappa, ...args], {
      env: { ...process.env, KAPPA_DATA: this.folder, KAPPA_REDIS_URL: 'redis://127.0.0.1:9' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.running.add(child)
    child.once('exit', () => this.running.delete(child))
    return child
  }

  /** Runs `kappa …args` to its end. */
  async answer(...args: string[]): Promise<{ code: number | null; text: string }> {
    const child = this.start(...args)
    const parts: Buffer[] = []
    child.stdout?.on('data', (part: Buffer) => parts.push(part))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, text: Buffer.concat(parts).toString() }
  }

  /** Sends examples of a topic; acknowledged when it resolves. */
  async send(topic: AnyTopic, from: number, to: number): Promise<void> {
    const registry = connectRegistry({ url: this.stack.addresses.registry.url })
    const schemaId = await registry.register(topic)
    await registry.close()
    const producer = await this.broker.producer()
    for (let i = from; i < to; i++) {
      const value = exampleOf(topic, i)
      await producer.send({
        topic: topic.name,
        key: Buffer.from(topic.keyOf(value)),
        value: topic.frame(schemaId, value),
      })
    }
    await producer.flush()
    await producer.close()
  }

  /** The lines that a statement answers with; none where it fails. */
  async lines(query: string): Promise<readonly string[]> {
    const { url, username, password } = this.stack.addresses.clickhouse
    const response = await fetch(`${url}/?query=${encodeURIComponent(query)}`, {
      headers: { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    })
    return response.ok ? (await response.text()).trimEnd().split('\n') : []
  }

  /** Rows of a table, how many are distinct by place, and how many by event; nothing where there is no such table. */
  async counted(table: string): Promise<string> {
    const query = `SELECT count(), uniqExact(_partition, _offset), uniqExact(eventId) FROM ${table}`
    return (await this.lines(query))[0] ?? ''
  }

  /** Records on the cut logs of both sinks: grows with every cut that is done. */
  async cutsDone(): Promise<number> {
    const topics = await this.broker.admin.topics()
    let done = 0
    for (const name of ['clickhouse', 's3'].map(cutHistoryTopic))
      if (topics.has(name)) done += (await this.broker.admin.committedEnds(name))[0] ?? 0
    return done
  }

  /** A sink of masked clicks alone, in cuts of 1,000 rows. */
  sink(name: string, age: string): ChildProcess {
    return this.start('sink', 'run', name, '--topic', maskedClicks.name, '--rows', '1000', '--age', age)
  }
}

/** Any value of the contract, whatever its fields are. */
function exampleOf(topic: AnyTopic, i: number): MaskedClick {
  const fields = topic.contract.fields.map(({ name, type, nullable }) => {
    if (nullable) return [name, null]
    if (type.kind === 'enum') return [name, type.symbols[0]]
    if (type.kind === 'timestamp') return [name, 1_735_689_600_000 + i * 1_000]
    if (type.kind === 'string') return [name, `${name}-${i}`]
    return [name, type.kind === 'decimal' ? BigInt(i) : type.kind === 'boolean' ? false : i]
  })
  return Object.fromEntries(fields) as MaskedClick
}
