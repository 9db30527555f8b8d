import { parseArgs } from 'node:util'

export const help = `npm run crash -- --suite engine --seeds N [options]

Disturbs workers, the broker and their commits as each seed says, over windows, joins, re-keying and stateful operators, and
compares the end with that of an undisturbed run: per output partition and key the same sequence of value bytes, the same late
records and dead letters. N seeds on the broker in memory (in virtual time: the seed alone reproduces every turn), and N / 10
on a real Kafka with worker processes that are killed and stopped.

  --suite engine     which suite (there is one)
  --seeds N          how many seeds, from --from on
  --from S           the first seed; 1 by default
  --seed S           this seed alone, on --broker
  --broker WHERE     fake, real or both (default)
  --real N           how many seeds on the real broker, instead of a tenth
  --json FILE        writes every seed's result to a file
  --help

Examples
  npm run crash -- --suite engine --seeds 20
  npm run crash -- --suite engine --seeds 200 --json crash.json
  npm run crash -- --suite engine --seed 17 --broker fake
`

export interface Options {
  readonly fake: readonly number[]
  readonly real: readonly number[]
  readonly json: string | undefined
}

/** What was asked for; undefined where that is help. Throws where it makes no sense. */
export function optionsOf(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: text,
      seeds: text,
      from: text,
      seed: text,
      broker: text,
      real: text,
      json: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  if (values.suite !== 'engine') throw new Error(`there is no suite '${values.suite ?? ''}': --suite engine`)
  const whole = (name: string, value: string): number => {
    if (!/^\d+$/.test(value)) throw new Error(`--${name} '${value}' is no number`)
    return Number(value)
  }
  const broker = values.broker ?? 'both'
  if (!['fake', 'real', 'both'].includes(broker)) throw new Error(`--broker '${broker}' is not fake, real or both`)
  const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)
  const from = values.seed ?? values.from
  const first = from === undefined ? 1 : whole('from', from)
  const count = values.seed === undefined ? whole('seeds', values.seeds ?? '') : 1
  const realCount = values.real ? whole('real', values.real) : broker === 'real' ? count : Math.ceil(count / 10)
  return {
    fake: broker === 'real' ? [] : range(first, count),
    real: broker === 'fake' || (values.seed !== undefined && broker !== 'real') ? [] : range(first, realCount),
    json: values.json,
  }
}
