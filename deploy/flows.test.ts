import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { flowsFile } from './config.ts'
import { readFlows } from './flows.ts'
import { temporaryFolder } from './local/temporary.ts'

test("the repository's own flows can be read", () => {
  const flows = readFlows(flowsFile({}))
  const day = flows.find(({ name }) => name === 'shop-day')
  assert.deepEqual(
    day?.steps.map(({ name }) => name),
    ['generate', 'check', 'compact', 'publish'],
  )
})

test('what is left out has a value; steps stand behind those that they wait for', (t) => {
  const path = join(temporaryFolder(t), 'flows.yml')
  const steps = '[{ name: b, after: [a], run: [verify, --topic, x y] }, { name: a, run: verify, backOff: 5 seconds }]'
  writeFileSync(path, `timeZone: Europe/Berlin\nflows: [{ name: f, steps: ${steps} }]`)
  const [{ moments, ...flow } = assert.fail()] = readFlows(path)
  const noon = Date.UTC(2026, 6, 1, 12)
  assert.equal(moments.next(noon), Date.UTC(2026, 6, 1, 22))
  const step = { doc: '', retries: 0, longestBackOffMs: 600_000, timeoutMs: 3_600_000 }
  assert.deepEqual(flow, {
    ...{ name: 'f', doc: '', cron: undefined, timeZone: 'Europe/Berlin', dateOffset: -1, catchUp: 'last' },
    ...{ timeoutMs: 86_400_000, parallel: 2, enabled: true },
    steps: [
      { ...step, name: 'a', after: [], run: ['verify'], backOffMs: 5_000 },
      { ...step, name: 'b', after: ['a'], run: ['verify', '--topic', 'x y'], backOffMs: 30_000 },
    ],
  })
})

test('what cannot be used is refused by flow, step and field', (t) => {
  const path = join(temporaryFolder(t), 'flows.yml')
  const flow = (steps: string, more = '') => `flows: [{ name: f, ${more} steps: [${steps}] }]`
  const step = (more: string) => flow(`{ name: a, run: verify, ${more} }`)
  for (const [content, message] of [
    [step('colour: red'), /flow f: steps? .*a: .*colour/],
    [step('timeout: soon'), /flow f: step a: timeout is not a duration/],
    [step('backOff: 3'), /flow f: step a: backOff/],
    [step('retries: -1'), /flow f: step a: retries/],
    [step('after: [z]'), /flow f: step a: after names 'z', which is no step of the flow/],
    [flow('{ name: a, run: verify, after: [a] }'), /step a: after goes in a circle: a → a/],
    [
      flow(
        '{ name: a, run: x }, { name: b, run: x, after: [a, d] }, { name: c, run: x, after: [b] }, { name: d, run: x, after: [c] }',
      ),
      /step b: after goes in a circle: b → d → c → b/,
    ],
    [flow('{ name: a, run: x }, { name: a, run: y }'), /flow f: steps name a step twice/],
    [flow('{ name: a, run: flow run f }'), /step a: run may not be/],
    [flow('{ name: a, run: "verify {{tomorrow}}" }'), /step a: run has a place/],
    [flow(''), /flow f: steps are none/],
    [flow('{ name: a, run: x }', 'cron: 99 * * * *,'), /flow f: cron .*'99 \* \* \* \*'/],
    [flow('{ name: a, run: x }', 'timeZone: Mars/Base,'), /flow f: .*Mars\/Base/],
    [flow('{ name: a, run: x }', 'dateOffset: 1,'), /flow f: dateOffset/],
    [
      'flows: [{ name: f, steps: [{ name: a, run: x }] }, { name: f, steps: [{ name: a, run: x }] }]',
      /name a flow twice/,
    ],
  ] as const) {
    writeFileSync(path, content)
    assert.throws(() => readFlows(path), { code: 'CONFIG_INVALID', message }, content)
  }
})
