import type { Broker, KafkaRecord, PlainProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { readRange } from '#engine/runtime'
import type { Clock } from '#engine/time'
import { type Alert, alertsTopic, type Runners, type ScheduleEvent, schedulesTopic } from './contract.ts'

const WRITER_TRIES = 5

/**
 * The history of every run, read on from where it was read before. Any number of processes may use it at once: what is to be
 * run is decided by `decide` alone, so that no moment is run twice and no entry beside itself.
 */
export class ScheduleHistory {
  /** Undefined: a run that was killed is known by its silence alone. */
  readonly runners: Runners | undefined
  private readonly broker: Broker
  private readonly app: string
  private readonly clock: Clock
  private readonly events: ScheduleEvent[] = []
  private position: number | undefined
  private notices: Promise<PlainProducer> | undefined

  constructor(options: {
    readonly broker: Broker
    readonly app: string
    readonly clock: Clock
    readonly runners?: Runners
  }) {
    this.runners = options.runners
    this.broker = options.broker
    this.app = options.app
    this.clock = options.clock
  }

  /** Creates the topics where they are missing. */
  async ensure(): Promise<void> {
    await this.broker.admin.ensure([schedulesTopic, alertsTopic])
  }

  /** Everything recorded before the call, oldest first; empty where nothing was ever scheduled. */
  async all(): Promise<readonly ScheduleEvent[]> {
    const { name } = schedulesTopic
    const { admin } = this.broker
    if (this.position === undefined && !(await admin.topics()).has(name)) return []
    const end = (await admin.settledEnds(name))[0] ?? 0
    const from = this.position ?? (await admin.beginnings(name))[0] ?? 0
    const found: ScheduleEvent[] = []
    const take = ({ value, offset }: KafkaRecord): void => {
      if (value !== null) found.push(parse(value, offset))
    }
    await readRange(this.broker, { topic: name, partition: 0 }, from, end, take)
    this.events.push(...found)
    this.position = Math.max(from, end)
    return this.events
  }

  /**
   * Reads everything recorded so far and records what `decision` makes of it, as one: what another process records
   * meanwhile makes this one read and decide again. Undefined, and nothing recorded, where the decision is none.
   */
  async decide(
    decision: (all: readonly ScheduleEvent[], now: number) => ScheduleEvent | undefined,
  ): Promise<ScheduleEvent | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.decideOnce(decision)
      } catch (thrown) {
        const passes = thrown instanceof KappaError && (thrown.code === 'FENCED' || thrown.code === 'ABORTED')
        if (!passes || tries >= WRITER_TRIES) throw thrown
        await this.clock.sleep(100 * tries)
      }
    }
  }

  private async decideOnce(
    decision: (all: readonly ScheduleEvent[], now: number) => ScheduleEvent | undefined,
  ): Promise<ScheduleEvent | undefined> {
    const producer = await this.broker.transactional(`${this.app}-schedule`)
    try {
      const event = decision(await this.all(), this.clock.now())
      if (event === undefined) return undefined
      await producer.begin()
      await producer.send(recordOf(schedulesTopic.name, event.entry, event))
      await producer.commit()
      return event
    } finally {
      await producer.close()
    }
  }

  /** Records what nobody else can contradict: signs of life and the end of a run of one's own. */
  async note(event: ScheduleEvent): Promise<void> {
    await this.write(recordOf(schedulesTopic.name, event.entry, event))
  }

  async alert(alert: Alert): Promise<void> {
    await this.write(recordOf(alertsTopic.name, `${alert.source}|${alert.subject}`, alert))
  }

  private async write(record: ReturnType<typeof recordOf>): Promise<void> {
    this.notices ??= this.broker.producer()
    const notices = await this.notices
    await notices.send(record)
    await notices.flush()
  }

  async close(): Promise<void> {
    const notices = this.notices
    this.notices = undefined
    await (await notices)?.close()
  }
}

const recordOf = (topic: string, key: string, value: object) => ({
  topic,
  partition: 0,
  key: Buffer.from(key),
  value: Buffer.from(JSON.stringify(value)),
})

function parse(value: Buffer, offset: number): ScheduleEvent {
  const doing = `reading ${schedulesTopic.name}[0]@${offset}`
  try {
    const event = JSON.parse(value.toString()) as ScheduleEvent
    if (typeof event.entry === 'string' && typeof event.kind === 'string') return event
  } catch (cause) {
    throw new KappaError('STATE_MISMATCH', doing, { cause })
  }
  throw new KappaError('STATE_MISMATCH', `${doing}: not an event of a schedule`)
}
