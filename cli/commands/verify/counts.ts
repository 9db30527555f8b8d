import { headerOf, type KafkaRecord } from '#engine/broker'
import { SeenLines } from '../../../producers/connectors/arrivals.ts'
import { type FileEntry, unitOf } from '../../../producers/connectors/files/index.ts'
import { hourOf, type Origin } from '../../../producers/connectors/origin.ts'
import { type Landed, landedIn } from './landed.ts'
import type { Stores } from './stores.ts'

/** What a source took in one hour for one topic, and where it is. */
export interface Arrival {
  readonly source: string
  /** `2025-01-31T13`, UTC: when it was taken. */
  readonly hour: string
  readonly topic: string
  /** Lines that were read, as the source wrote down: events and dead letters. */
  readonly lines: number
  readonly events: number
  readonly deadLetters: number
  /** What lies in Kafka with this source's name on it. */
  readonly found: { readonly events: number; readonly deadLetters: number }
  readonly stores: readonly Landed[]
  readonly equal: boolean
}

/** A file whose lines are not there once each. */
export interface Unbalanced {
  readonly source: string
  readonly file: string
  readonly sha256: string
  readonly lines: number
  readonly found: number
  readonly twice: number
}

export interface SourceReport {
  readonly arrivals: readonly Arrival[]
  readonly unbalanced: readonly Unbalanced[]
  /** Names of files that were begun and are not through. */
  readonly unfinished: readonly string[]
}

/** What is asked. */
export type Counted = Pick<Stores, 'broker' | 'logs' | 'clickhouse'>

/** Offsets of one hour of a source in a partition, and the records of anybody in between. */
export interface Stretch {
  readonly partition: number
  readonly first: number
  last: number
  /** All records from first to last. */
  records: number
}

interface Hour {
  events: number
  deadLetters: number
  readonly stretches: Map<number, Stretch>
}

/** Counts what comes by of one source, and holds it against what its entries say. */
export class Counts {
  private readonly name: string
  private readonly hoursTold: readonly FileEntry['hours'][]
  private readonly entries: readonly FileEntry[]
  private readonly seen = new SeenLines()
  private readonly twice = new Map<string, number>()
  private readonly hours = new Map<string, Hour>()
  /** Records of a partition so far, of anybody. */
  private readonly passed = new Map<string, number>()
  private readonly passedAtFirst = new Map<Stretch, number>()

  /**
   * @param name as it stands in the origin of every event
   * @param hoursTold what the source wrote down
   * @param entries whose lines have to be there once each
   */
  constructor(name: string, hoursTold: readonly FileEntry['hours'][], entries: readonly FileEntry[] = []) {
    this.name = name
    this.hoursTold = hoursTold
    this.entries = entries
  }

  event(topic: string, { partition, offset }: KafkaRecord, origin: Origin | undefined): void {
    const at = `${topic}[${partition}]`
    const passed = (this.passed.get(at) ?? 0) + 1
    this.passed.set(at, passed)
    if (origin?.source !== this.name) return
    const hour = this.hour(hourOf(origin.takenAt), topic)
    hour.events++
    const stretch = hour.stretches.get(partition)
    if (stretch === undefined) {
      const begun: Stretch = { partition, first: offset, last: offset, records: 1 }
      hour.stretches.set(partition, begun)
      this.passedAtFirst.set(begun, passed)
    } else {
      stretch.last = offset
      stretch.records = passed - (this.passedAtFirst.get(stretch) ?? 0) + 1
    }
    this.note(origin)
  }

  deadLetter(topic: string, record: KafkaRecord, origin: Origin | undefined): void {
    if (origin?.source !== this.name || String(headerOf(record.headers, 'kappa.topic')) !== topic) return
    this.hour(hourOf(origin.takenAt), topic).deadLetters++
    this.note(origin)
  }

  private note({ unit, line }: { readonly unit: string; readonly line: number }): void {
    if (this.entries.length === 0) return
    if (!this.seen.add(unit, line)) this.twice.set(unit, (this.twice.get(unit) ?? 0) + 1)
  }

  private hour(hour: string, topic: string): Hour {
    const key = `${hour} ${topic}`
    const known = this.hours.get(key) ?? { events: 0, deadLetters: 0, stretches: new Map<number, Stretch>() }
    this.hours.set(key, known)
    return known
  }

  async report(stores: Counted): Promise<Omit<SourceReport, 'unfinished'>> {
    const source = this.name.replace(/^files-/, '')
    const told = new Map<string, readonly [number, number]>()
    for (const hours of this.hoursTold)
      for (const [hour, topics] of Object.entries(hours))
        for (const [topic, [events, deadLetters]] of Object.entries(topics)) {
          const [a, b] = told.get(`${hour} ${topic}`) ?? [0, 0]
          told.set(`${hour} ${topic}`, [a + events, b + deadLetters])
        }
    const arrivals: Arrival[] = []
    for (const key of [...new Set([...told.keys(), ...this.hours.keys()])].sort()) {
      const [hour = '', topic = ''] = key.split(' ')
      const [events, deadLetters] = told.get(key) ?? [0, 0]
      const { stretches, ...found } = this.hours.get(key) ?? {
        events: 0,
        deadLetters: 0,
        stretches: new Map<number, Stretch>(),
      }
      const landed = await landedIn(stores, topic, [...stretches.values()])
      const inKafka = found.events === events && found.deadLetters === deadLetters
      const equal = inKafka && landed.every((one) => one.equal !== false)
      arrivals.push({
        source,
        hour,
        topic,
        lines: events + deadLetters,
        events,
        deadLetters,
        found,
        stores: landed,
        equal,
      })
    }
    const unbalanced = this.entries.flatMap((entry): Unbalanced[] => {
      const [found, twice] = [this.seen.of(unitOf(entry)), this.twice.get(unitOf(entry)) ?? 0]
      const { name: file, sha256, rows: lines } = entry
      return found === lines && twice === 0 ? [] : [{ source, file, sha256, lines, found, twice }]
    })
    return { arrivals, unbalanced }
  }
}
