import { writeFileSync } from 'node:fs'
import { reasonOf } from '#engine/errors'
import { help, optionsOf } from './options.ts'
import { lineOf, type SeedResult } from './suite.ts'

/** `npm run crash`: see `options.ts`. Exit code 1 where a seed fails, 2 where the call makes no sense, 130 after Ctrl-C. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const asked = (() => {
  try {
    const options = optionsOf(process.argv.slice(2))
    if (options) return options
    say(help)
    process.exit(0)
  } catch (thrown) {
    say(`${reasonOf(thrown)}\n\n${help}`)
    process.exit(2)
  }
})()

const stop = new AbortController()
process.once('SIGINT', () => {
  say('stopping…')
  stop.abort()
  process.once('SIGINT', () => process.exit(130))
})

const began = performance.now()
const done: SeedResult[] = []
const total = asked.fake.length + asked.real.length
const tell = (result: SeedResult): void => {
  if (stop.signal.aborted) return
  done.push(result)
  say(lineOf(result))
  if (done.length % 10 === 0 && done.length < total)
    process.stderr.write(`${done.length} of ${total} seeds, ${Math.round((performance.now() - began) / 1_000)} s\n`)
}

for (const where of ['fake', 'real'] as const) {
  const seeds = asked[where]
  if (seeds.length === 0 || stop.signal.aborted) continue
  const runs = await asked.suite.open(where, asked.choices)
  try {
    for (const seed of seeds) {
      if (stop.signal.aborted) break
      tell(await runs.run(seed, stop.signal))
    }
  } finally {
    await runs.close()
  }
}

const failed = done.filter(({ ok }) => !ok).length
const seconds = Math.round((performance.now() - began) / 1_000)
if (asked.json !== undefined) {
  const report = { suite: asked.suite.name, seconds, passed: done.length - failed, failed, seeds: done }
  writeFileSync(asked.json, `${JSON.stringify(report, undefined, 2)}\n`)
}
if (stop.signal.aborted) say(`interrupted after ${done.length} of ${total} seeds`)
say(`${done.length - failed} passed, ${failed} failed`)
process.exit(stop.signal.aborted ? 130 : failed > 0 ? 1 : 0)
