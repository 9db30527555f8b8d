import { deserialize, serialize } from 'node:v8'
import { KappaError } from '#engine/errors'
import type { FoldColumn } from '#engine/topology'
import { type Accumulator, fits } from './accumulator.ts'
import { Kind, type Living } from './living.ts'

/** An author's state in a slot, as it is written. */
class Folded implements Living {
  state: unknown
  readonly #encode: (state: unknown) => unknown

  constructor(state: unknown, encode: (state: unknown) => unknown) {
    this.state = state
    this.#encode = encode
  }

  toState(): unknown {
    return this.#encode(this.state)
  }
}

/** One event on its way into cells: the state it makes by itself, until a cell has taken it. */
class Alone {
  readonly row: Readonly<Record<string, unknown>>
  made: unknown
  taken = false

  constructor(row: Readonly<Record<string, unknown>>, made: unknown) {
    this.row = row
    this.made = made
  }
}

/**
 * An author's fold. `prepare` adds an event to the initial state before any cell is touched, so that a function that
 * throws leaves no trace; `add` then merges that in. Every cell gets a state of its own: authors may change what they hold.
 */
export function folding(column: FoldColumn): Accumulator {
  const encode = column.encode ?? serialize
  const read = column.decode ?? ((plain: unknown) => deserialize(plain as Buffer))
  // Always of a copy: an author may hold what is read, and change it.
  const decode = (plain: unknown): unknown => read(copied(plain))
  const kind = new Kind(Folded, (state) => new Folded(decode(state), encode))
  const alone = (row: Readonly<Record<string, unknown>>): unknown => column.add(column.initial(), row)
  const certain = <T>(what: string, call: () => T): T => {
    try {
      return call()
    } catch (cause) {
      throw new KappaError('POISONED', `folding ${column.reads.join(', ')}: ${what} must not throw`, { cause })
    }
  }
  const into = (slots: unknown[], at: number, other: unknown): void => {
    const folded = kind.in(slots, at)
    folded.state = certain('merge', () => column.merge(folded.state, other))
  }
  return {
    width: 1,
    ordered: column.order === 'matters',
    start(slots, at) {
      slots[at] = new Folded(column.initial(), encode)
    },
    misfit: fits,
    prepare(row) {
      const read: Record<string, unknown> = {}
      for (const field of column.reads) read[field] = row[field]
      return new Alone(read, alone(read))
    },
    add(slots, at, value) {
      const event = value as Alone
      const made = event.taken ? alone(event.row) : event.made
      event.taken = true
      into(slots, at, made)
    },
    merge(slots, at, from) {
      const found = from[at]
      into(slots, at, decode(found instanceof Folded ? found.toState() : found))
    },
    result(slots, at) {
      const { state } = kind.of(slots, at)
      return column.result ? certain('result', () => column.result?.(state)) : state
    },
  }
}

const copied = (plain: unknown): unknown =>
  Array.isArray(plain) ? plain.map(copied) : plain instanceof Uint8Array ? Buffer.from(plain) : plain
