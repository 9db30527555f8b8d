import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { lastOf, phaseOf } from './generations.ts'
import { inForceOf } from './in-force.ts'
import { LiveWorld, until } from './live-fixture.ts'
import { promote, rollback } from './switch.ts'

const NAME = 'sales-per-minute'
const REPLAYED = 'trade.sales-per-minute.v1.g2'
const refused = (code: string, about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === code && about.test(thrown.message)

/** Runs a switch up to a step where its process dies: nothing that would follow is run. */
async function dying(step: number, work: (atStep: (now: number) => Promise<void> | undefined) => Promise<unknown>) {
  let reached = false
  const ended = work((now) => {
    if (now !== step) return undefined
    reached = true
    return new Promise<void>(() => {})
  })
  ended.catch(() => {})
  await Promise.race([ended, until(() => reached, `step ${step}`)])
  assert.ok(reached, 'it ended before the step')
}

const inForce = async (world: LiveWorld) => inForceOf(await world.log.all(), NAME)

/** The first version runs, the second was replayed, and more has come since. */
async function prepared(rekey: boolean): Promise<LiveWorld> {
  const world = await LiveWorld.open(rekey)
  world.sell(300)
  await world.run('orders')
  await until(() => world.rows().length >= 15, 'results of the first version')
  await world.replay('finished', 'verified')
  world.sell(150)
  return world
}

const windowsOf = (rows: ReturnType<LiveWorld['rows']>, version: string) =>
  rows.flatMap((row) => (row.version === version ? [row.window] : [])).sort()

/** Every window once on the topic: first as the old code has it, then as the new; what only the old published, the new has beside. */
function expectWhole(world: LiveWorld): void {
  const rows = world.rows()
  const [old, fresh] = [windowsOf(rows, 'orders'), windowsOf(rows, 'items')]
  assert.deepEqual([...old, ...fresh].sort(), [...world.truth('orders').keys()].sort())
  assert.ok(old.length > 0 && fresh.length > 0)
  assert.deepEqual(windowsOf(world.rows(REPLAYED), 'items'), old, 'the table of the new one has exactly these')
  assert.equal(world.rows(REPLAYED).length, old.length)
}

for (const [index, step] of [0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 4, 5, 6].entries())
  for (const rekey of step < 0.5 ? [false, true] : [index % 2 === 0])
    test(`${rekey ? 'two stages' : 'one stage'}: a live promotion that dies at step ${step} is ended by the same command, nothing lost or doubled`, async () => {
      const world = await prepared(rekey)
      try {
        await dying(step, async (atStep) => promote(world.options(atStep), await world.generation()))
        assert.equal((await inForce(world)).generation, 1)
        assert.equal((await inForce(world)).hold?.by, 2)
        world.sell(100)
        await promote(world.options(), await world.generation())
        assert.equal(phaseOf(await world.generation()), 'promoted')
        assert.deepEqual(await inForce(world).then(({ generation, hold }) => [generation, hold]), [2, undefined])
        assert.equal(lastOf(await world.generation(), 'promoted')?.replaces, 1)
        // The worker of the old code says why it does not go on.
        const [old] = world.workers
        await until(async () => {
          // Tasks behind a re-key have nothing more to commit, and so do not learn it.
          const tasks = ((await old?.status()) ?? []).filter(({ stage }) => stage.endsWith('.source'))
          return tasks.every(({ state, reason }) => state === 'stopped' && /v2 is in force now/.test(reason ?? ''))
        }, 'the old worker to stop')
        await world.stop()
        await world.run('items')
        world.sell(200)
        world.close()
        await until(() => world.rows().length >= world.truth('items').size, 'every window')
        expectWhole(world)
      } finally {
        await world.stop()
      }
    })

for (const step of [0.3, 1, 4, 5, 6])
  test(`a live rollback that dies at step ${step} is ended by the same command; the old code publishes what came since`, async () => {
    const world = await prepared(step !== 1)
    try {
      await promote(world.options(), await world.generation())
      await world.stop()
      await world.run('items')
      world.sell(100)
      await until(() => world.rows().some(({ version }) => version === 'items'), 'results of the new version')
      await dying(step, async (atStep) => rollback(world.options(atStep), await world.generation()))
      await rollback(world.options(), await world.generation())
      assert.equal(phaseOf(await world.generation()), 'rolled-back')
      assert.deepEqual(await inForce(world).then(({ generation, hold }) => [generation, hold]), [1, undefined])
      await world.stop()
      await world.run('orders')
      world.sell(100)
      world.close()
      const latest = () => new Map(world.rows().map(({ window, version }) => [window, version]))
      await until(() => latest().size === world.truth('orders').size, 'every window')
      await until(() => [...latest().values()].every((version) => version === 'orders'), 'rows of the old code')
    } finally {
      await world.stop()
    }
  })

test('a promotion that fails lets the processor go on, and so does cancelling one that died', async () => {
  const world = await prepared(true)
  try {
    world.tables.differing = 3
    await assert.rejects(promote(world.options(), await world.generation()), refused('VERIFICATION_MISMATCH', /3 rows/))
    assert.equal((await inForce(world)).hold, undefined)
    await dying(1, async (atStep) => promote(world.options(atStep), await world.generation()))
    assert.equal((await inForce(world)).hold?.by, 2)
    const { started } = await world.generation()
    await world.log.decide((_, at) => ({ ...started, decision: 'cancelled', at }))
    assert.equal((await inForce(world)).hold, undefined)
    world.sell(100)
    world.close()
    await until(() => world.rows().length === world.truth('orders').size, 'every window, by the old code')
    assert.ok(world.rows().every(({ version }) => version === 'orders'))
  } finally {
    await world.stop()
  }
})

test('differences that were told are accepted by their number; without a verification only force helps', async () => {
  const world = await prepared(false)
  try {
    const { started } = await world.generation()
    await world.log.decide((_, at) => ({ ...started, decision: 'differing', report: { differing: 7 }, at }))
    world.tables.differing = 9
    await assert.rejects(promote(world.options(), await world.generation()), refused('VERIFICATION_MISMATCH', /7 do/))
    await promote(world.options(), await world.generation(), { differences: true })
    const { accepted, forced } = lastOf(await world.generation(), 'promoted') ?? {}
    assert.deepEqual([accepted, forced], [9, false])
  } finally {
    await world.stop()
  }
})

test('records between the stages of an old version that does not run are not passed over in silence', async () => {
  const world = await prepared(true)
  try {
    await world.stop()
    await world.run('orders', 1)
    world.sell(100)
    const before = await world.positions(1)
    await until(async () => JSON.stringify(await world.positions(1)) !== JSON.stringify(before), 'partial results')
    const about = /has not taken \d+ records of the one before, and does not run/
    await assert.rejects(promote(world.options(), await world.generation()), refused('BLOCKED', about))
    assert.equal((await inForce(world)).hold, undefined)
    // The way out: the old version runs while it is promoted.
    await world.stop()
    await world.run('orders')
    await promote(world.options(), await world.generation())
    await world.stop()
    await world.run('items')
    world.sell(200)
    world.close()
    await until(() => world.rows().length >= world.truth('items').size, 'every window')
    expectWhole(world)
  } finally {
    await world.stop()
  }
})

test('a generation that took more than the one in force is not promoted before that one has taken it', async () => {
  const world = await prepared(false)
  try {
    const { started } = await world.generation()
    const beyond = async () => {
      await world.stop()
      world.sell(50)
      const ends = await world.broker.admin.committedEnds(world.source.name)
      await world.catchUp(started, { [world.source.name]: [...ends] })
    }
    await beyond()
    const about = /the generation in force only up to \d+; let that one go on first/
    await assert.rejects(promote(world.options(), await world.generation()), refused('BLOCKED', about))
    await world.run('orders')
    const positions = async () => (await world.positions(1))[world.source.name]?.reduce((sum, one) => sum + one, 0)
    await until(async () => (await positions()) === 500, 'the old version to take it')
    await promote(world.options(), await world.generation())
  } finally {
    await world.stop()
  }
})

test('a switch that another process gave up and began anew meanwhile decides nothing', async () => {
  const world = await prepared(false)
  try {
    let paused = (): void => {}
    const going = new Promise<void>((resolve) => {
      paused = resolve
    })
    let reached = false
    const slow = promote(
      world.options((step) => {
        if (step !== 3) return undefined
        reached = true
        return going
      }),
      await world.generation(),
    )
    slow.catch(() => {})
    await until(() => reached, 'step 3')
    const { started } = await world.generation()
    await world.log.decide((_, at) => ({ ...started, decision: 'released', at }))
    await world.log.decide((_, at) => ({ ...started, decision: 'holding', draining: false, at }))
    paused()
    await assert.rejects(slow, refused('BLOCKED', /another process ended this switch or gave it up/))
    assert.equal(lastOf(await world.generation(), 'promoted'), undefined)
  } finally {
    await world.stop()
  }
})
