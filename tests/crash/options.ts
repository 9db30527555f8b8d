import { parseArgs } from 'node:util'
import type { Choices, Suite, Where } from './suite.ts'
import { suites } from './suites.ts'

const listed = [...suites.values()].map(({ name, about }) => `  ${name.padEnd(17)}  ${about}`).join('\n')

export const help = `npm run crash -- --suite NAME --seeds N [options]

Disturbs a part of the platform as each seed says, and compares the end with that of an undisturbed run: per output partition
and key the same sequence of value bytes, the same late records and dead letters, the same rows. N seeds on parts in memory
(in virtual time where the suite has it: the seed alone reproduces every turn), and N / 10 on real services with processes
that are killed and stopped.

Suites
${listed}

Options
  --suite NAME       which suite
  --seeds N          how many seeds, from --from on
  --from S           the first seed; 1 by default
  --seed S           this seed alone, on --broker
  --broker WHERE     fake, real or both (default)
  --real N           how many seeds on the real broker, instead of a tenth
  --fetching HOW     who fetches on the real broker: lean or librdkafka; without it each seed chooses
  --kills N          suite connectors: how often each is killed; 10 by default. It has scenarios in place of seeds
  --json FILE        writes every seed's result to a file
  --help

Examples
  npm run crash -- --suite engine --seeds 20
  npm run crash -- --suite engine --seeds 200 --json crash.json
  npm run crash -- --suite engine --seed 17 --broker fake
  npm run crash -- --suite connectors --kills 10
  npm run crash -- --suite connectors --seed 4
`

export interface Options extends Readonly<Record<Where, readonly number[]>> {
  readonly suite: Suite
  readonly choices: Choices
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
      fetching: text,
      kills: text,
      json: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const suite = suites.get(values.suite ?? '')
  if (!suite) throw new Error(`there is no suite '${values.suite ?? ''}': ${[...suites.keys()].join(', ')}`)
  const { fetching } = values
  if (fetching !== undefined && fetching !== 'lean' && fetching !== 'librdkafka')
    throw new Error(`--fetching '${fetching}' is not lean or librdkafka`)
  const whole = (name: string, value: string): number => {
    if (!/^\d+$/.test(value)) throw new Error(`--${name} '${value}' is no number`)
    return Number(value)
  }
  const broker = values.broker ?? 'both'
  if (!['fake', 'real', 'both'].includes(broker)) throw new Error(`--broker '${broker}' is not fake, real or both`)
  const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)
  const from = values.seed ?? values.from
  const first = from === undefined ? 1 : whole('from', from)
  const choices: Choices = {
    ...(fetching ? { fetching } : {}),
    ...(values.kills === undefined ? {} : { kills: whole('kills', values.kills) }),
  }
  if (suite.scenarios !== undefined) {
    const real = values.seed === undefined ? range(1, suite.scenarios) : [first]
    return { suite, choices, fake: [], real, json: values.json }
  }
  const count = values.seed === undefined ? whole('seeds', values.seeds ?? '') : 1
  const realCount = values.real ? whole('real', values.real) : broker === 'real' ? count : Math.ceil(count / 10)
  return {
    suite,
    choices,
    fake: broker === 'real' ? [] : range(first, count),
    real: broker === 'fake' || (values.seed !== undefined && broker !== 'real') ? [] : range(first, realCount),
    json: values.json,
  }
}
