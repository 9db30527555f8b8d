import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CutLog, deliverUntil } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { sales, untilNow, type World, world } from '../delivery/delivery-fixture.ts'
import {
  type Decision,
  type Generation,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
  phaseOf,
} from './generations.ts'
import { letGo } from './lanes.ts'
import { promote, promoteTogether, rollback, rollbackTogether, type SwitchOptions, type SwitchPart } from './switch.ts'
import type { SwitchableTables } from './verify.ts'

/** Two tables that can be exchanged: the live one and that of generation 2. */
class Tables implements SwitchableTables {
  live = 1
  copied = 0
  readonly exchanges: string[] = []
  readonly since: Readonly<Record<number, number>>[] = []
  differing = 0

  async compare() {
    return { compared: 10, differing: this.differing, rows: [] }
  }
  async copyOutside() {
    assert.equal(this.live, 1, 'after the exchange it would copy the wrong way')
    this.copied++
  }
  async exchange() {
    if (this.live !== 2) this.exchanges.push('exchange')
    this.live = 2
  }
  async rollback() {
    if (this.live === 2) this.exchanges.push('back')
    this.live = 1
  }
  async copySince(_topic: unknown, _generation: number, positions: Readonly<Record<number, number>>) {
    assert.equal(this.live, 2)
    this.since.push(positions)
  }
  async shown() {
    return this.live
  }
  async drop() {}
}

const decided = (at: World, ...decisions: readonly Decision[]) => decidedOf(at, 'sums', 'memory', decisions)

async function decidedOf(at: World, processor: string, sink: string, decisions: readonly Decision[]) {
  const log = new GenerationLog({ broker: at.broker, app: 'test', clock: systemClock })
  const base = { processor, topic: sales.name, from: 0, to: 1, source: 'auto' as const, version: 'a' }
  for (const decision of decisions) await log.decide((_, now) => ({ ...base, generation: 2, decision, at: now }))
  const tables = new Tables()
  const options = (atStep?: SwitchOptions['atStep']): SwitchOptions => ({
    app: 'test',
    broker: at.broker,
    registry: at.registry,
    log,
    destination: at.store,
    cuts: new CutLog({ sink, broker: at.broker, clock: systemClock }),
    tables,
    topic: sales,
    clock: systemClock,
    ...(atStep === undefined ? {} : { atStep }),
  })
  const current = async (): Promise<Generation> => {
    const [found] = generationsOf(await log.all(), processor)
    assert.ok(found)
    return found
  }
  const lanes = async () => (await options().cuts.all()).map(({ state, cut }) => `${cut.generation} ${state}`).sort()
  return { log, tables, options, current, lanes }
}

const deliver = async (at: World) =>
  deliverUntil({ ...at.options(), until: await untilNow(at.broker, sales.name) }, new AbortController().signal)

/** The process ends there: nothing that would follow is run, not even what lets lanes go. */
const dyingAt = (step: number) => (now: number) => (now === step ? new Promise<void>(() => {}) : undefined)

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await check()) return
    await systemClock.sleep(10)
  }
  assert.fail('never')
}

for (const step of [1, 2, 3, 4, 5, 6])
  test(`promotion and rollback that die at step ${step} are ended by the same command`, async () => {
    const at = await world()
    at.sell(60)
    await deliver(at)
    const { tables, options, current, lanes, log } = await decided(at, 'started', 'finished', 'verified')
    let reached = 0
    const watch = (now: number) => {
      reached = now
      return dyingAt(step)(now)
    }
    void promote(options(watch), await current())
    await until(async () => reached === step)
    assert.equal(phaseOf(await current()), step < 4 ? 'finished' : 'promoting')
    assert.equal(tables.live, step < 5 ? 1 : 2)
    await promote(options(), await current())
    assert.equal(phaseOf(await current()), 'promoted')
    assert.deepEqual(await lanes(), ['1 moved', '2 done'])
    assert.deepEqual(tables.exchanges, ['exchange'])

    at.sell(30, 60)
    await deliver(at)
    assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
    const dies = step === 2 || step === 3 ? 1 : step
    reached = 0
    const again = (now: number) => {
      reached = now
      return dyingAt(dies)(now)
    }
    void rollback(options(again), await current())
    await until(async () => reached === dies)
    await rollback(options(), await current())
    assert.equal(phaseOf(await current()), 'rolled-back')
    assert.deepEqual(tables.exchanges, ['exchange', 'back'])
    assert.deepEqual(await lanes(), ['1 moved', '2 moved', '3 done'])
    assert.deepEqual(tables.since.at(-1), { 0: 20, 1: 20, 2: 20 }, 'rows from the switch on')

    at.sell(9, 90)
    await deliver(at)
    assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
    const records = await log.all()
    assert.equal(records.filter(({ decision }) => decision === 'promoted').length, 1)
    assert.equal(records.filter(({ decision }) => decision === 'rolled-back').length, 1)
  })

const refused = (code: string, about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === code && about.test(thrown.message)

test('what is not verified, differs or is unfinished is not promoted; force is recorded, and cannot finish a run', async () => {
  const cases: readonly [Decision[], string, RegExp, boolean][] = [
    [['started'], 'BLOCKED', /unfinished/, false],
    [['started', 'refused'], 'BLOCKED', /unfinished/, false],
    [['started', 'finished'], 'VERIFICATION_MISMATCH', /not verified/, true],
    [['started', 'finished', 'verified', 'differing'], 'VERIFICATION_MISMATCH', /rows differ/, true],
  ]
  for (const [decisions, code, about, forcible] of cases) {
    const at = await world()
    at.sell(10)
    await deliver(at)
    const { options, current, lanes } = await decided(at, ...decisions)
    await assert.rejects(promote(options(), await current()), refused(code, about))
    assert.deepEqual(await lanes(), ['1 done'])
    if (!forcible) await assert.rejects(promote(options(), await current(), { force: true }), refused(code, about))
    else {
      await promote(options(), await current(), { force: true })
      const forced = (await current()).records.find(({ decision }: GenerationRecord) => decision === 'promoted')
      assert.equal(forced?.forced, true)
    }
  }
})

test('rows that came to differ since the verification stop a promotion, and the live lane goes on', async () => {
  const at = await world()
  at.sell(10)
  await deliver(at)
  const { tables, options, current, lanes } = await decided(at, 'started', 'finished', 'verified')
  tables.differing = 2
  await assert.rejects(promote(options(), await current()), refused('VERIFICATION_MISMATCH', /2 rows differ/))
  assert.deepEqual(await lanes(), ['1 done'])
  assert.equal(tables.live, 1)
})

test('cancelling lets a lane go that a dead promotion held', async () => {
  const at = await world()
  at.sell(10)
  await deliver(at)
  const { options, current, lanes } = await decided(at, 'started', 'finished', 'verified')
  let reached = 0
  const watch = (now: number) => {
    reached = now
    return dyingAt(2)(now)
  }
  void promote(options(watch), await current())
  await until(async () => reached === 2)
  assert.deepEqual(await lanes(), ['1 held'])
  await letGo(options(), (await current()).started)
  assert.deepEqual(await lanes(), ['1 done'])
})

for (const step of [1, 2, 3, 4, 5, 6])
  test(`a chain whose switch dies at step ${step} is promoted as a whole or not at all, and so is its rollback`, async () => {
    const at = await world()
    at.sell(60)
    await deliver(at)
    const first = await decidedOf(at, 'sums', 'memory', ['started', 'finished', 'verified'])
    const second = await decidedOf(at, 'sums-of-sums', 'other', ['started', 'finished', 'verified'])
    const both = [first, second]
    const parts = async (atStep?: SwitchOptions['atStep']): Promise<readonly SwitchPart[]> => [
      { options: first.options(atStep), generation: await first.current() },
      { options: second.options(), generation: await second.current() },
    ]
    const phases = async () => await Promise.all(both.map(async ({ current }) => phaseOf(await current())))
    const dieAt = async (work: (dying: readonly SwitchPart[]) => Promise<unknown>): Promise<void> => {
      let reached = 0
      const watch = (now: number) => {
        reached = now
        return dyingAt(step)(now)
      }
      void work(await parts(watch))
      await until(async () => reached === step)
    }
    await dieAt((dying) => promoteTogether(dying))
    assert.deepEqual(await phases(), step < 4 ? ['finished', 'finished'] : ['promoting', 'promoting'])
    await promoteTogether(await parts())
    assert.deepEqual(await phases(), ['promoted', 'promoted'])
    assert.deepEqual(
      both.map(({ tables }) => tables.exchanges),
      [['exchange'], ['exchange']],
    )
    if (step === 2 || step === 3) return
    await dieAt((dying) => rollbackTogether(dying))
    await rollbackTogether(await parts())
    assert.deepEqual(await phases(), ['rolled-back', 'rolled-back'])
    assert.deepEqual(
      both.map(({ tables }) => tables.live),
      [1, 1],
    )
  })

test('a chain of which one differs is not promoted, and nothing of it is held', async () => {
  const at = await world()
  at.sell(60)
  await deliver(at)
  const first = await decidedOf(at, 'sums', 'memory', ['started', 'finished', 'verified'])
  const second = await decidedOf(at, 'sums-of-sums', 'other', ['started', 'finished', 'differing'])
  const parts = async () =>
    await Promise.all([first, second].map(async (one) => ({ options: one.options(), generation: await one.current() })))
  await assert.rejects(
    promoteTogether(await parts()),
    refused('VERIFICATION_MISMATCH', /sums-of-sums v2: its rows differ/),
  )
  second.tables.differing = 3
  await assert.rejects(promoteTogether(await parts()), refused('VERIFICATION_MISMATCH', /sums-of-sums/))
  assert.deepEqual(await first.lanes(), ['1 done'])
  await promoteTogether(await parts(), { differences: true })
  assert.equal((await second.log.all()).find(({ decision }) => decision === 'promoted')?.accepted, undefined)
  assert.equal((await second.log.all()).findLast(({ decision }) => decision === 'promoted')?.accepted, 3)
})
