import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { memoryVault, pseudonymOf, sealer } from '#engine/governance'
import { processor } from '#engine/topology'
import { Bench } from './bench-fixture.ts'
import { field, made, NEW_YEAR } from './trade-fixture.ts'

interface Visit {
  readonly visitId: string
  readonly visitor: string
  readonly email: string
  readonly ip: string | null
  readonly name: string
  readonly at: number
}
interface MaskedVisit {
  readonly visitId: string
  readonly visitor: string
  readonly emailPseudonym: string
  readonly ipPrefix: string | null
  readonly at: number
}
const personal = (strategy: string, more = {}) => ({
  'confluent:tags': ['PII'],
  pii: { subject: 'visitor', strategy, sealed: true, ...more },
})
const visits = made<Visit>('trade.visits.v1', { key: 'visitId', time: 'at' }, [
  field.text('visitId'),
  field.text('visitor'),
  field.text('email', personal('pseudonym')),
  { ...field.nullable('ip', 'string'), ...personal('generalise', { keep: 'ip-prefix' }) },
  field.text('name', personal('drop')),
  field.time('at'),
])
const maskedVisits = made<MaskedVisit>('trade.masked-visits.v1', { key: 'visitId', time: 'at' }, [
  field.text('visitId'),
  field.text('visitor'),
  field.text('emailPseudonym', personal('pseudonym', { sealed: false })),
  field.nullable('ipPrefix', 'string'),
  field.time('at'),
])
const plan = processor('masked-visits', ({ from }) =>
  from(visits).mask({ email: 'emailPseudonym', ip: 'ipPrefix', name: null }).to(maskedVisits),
)
const visit = (change: Partial<Visit>): Visit => ({
  visitId: 'v1',
  visitor: 'anna',
  email: 'anna@example.org',
  ip: '192.0.2.77',
  name: 'Anna',
  at: NEW_YEAR,
  ...change,
})

test('sealed fields are opened and masked by their strategies; an erased subject reads erased', async () => {
  const vault = memoryVault()
  const bench = await Bench.of(plan, { vault })
  const sealed = await sealer(
    visits,
    vault,
  )([
    visit({}),
    visit({ visitId: 'v2', visitor: 'bert', email: 'bert@example.org', ip: null }),
    visit({ visitId: 'v3', visitor: '' }),
  ])
  for (const value of sealed) bench.write(visits, value)
  vault.erase('bert')
  const before = vault.roundTrips
  await bench.run()
  assert.equal(vault.roundTrips, before + 1)
  const anna = (await vault.secrets(['anna'])).get('anna')
  assert.ok(anna)
  assert.deepEqual(bench.rows(maskedVisits), [
    {
      visitId: 'v1',
      visitor: 'anna',
      emailPseudonym: pseudonymOf(anna, 'anna@example.org'),
      ipPrefix: '192.0.2.0/24',
      at: NEW_YEAR,
    },
    { visitId: 'v2', visitor: 'bert', emailPseudonym: 'erased', ipPrefix: null, at: NEW_YEAR },
    { visitId: 'v3', visitor: '', emailPseudonym: 'erased', ipPrefix: 'erased', at: NEW_YEAR },
  ])
})

test('a field that was never sealed is dead-lettered, not passed on', async () => {
  const bench = await Bench.of(plan, { vault: memoryVault() })
  bench.write(visits, visit({}))
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 1)
  assert.deepEqual(bench.rows(maskedVisits), [])
})

test('while the vault is away nothing is taken; without one the stage does not open', async () => {
  const vault = memoryVault()
  const bench = await Bench.of(plan, { vault })
  const [value] = await sealer(visits, vault)([visit({})])
  assert.ok(value)
  bench.write(visits, value)
  vault.away = true
  await assert.rejects(bench.run(), (thrown) => thrown instanceof KappaError && thrown.retriable)
  assert.equal(bench.task().stage.counts.taken, 0)
  vault.away = false
  await bench.run()
  assert.equal(bench.rows(maskedVisits).length, 1)
  await assert.rejects(Bench.of(plan), (thrown) => thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID')
})
