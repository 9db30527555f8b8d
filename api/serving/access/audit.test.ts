import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testClock } from '#engine/testing'
import type { AuditEvent } from '#schemas'
import { Audit } from './audit.ts'
import { Outbox } from './outbox.ts'
import { Refusals, type RefusedUse } from './refusals.ts'
import { Tokens } from './tokens.ts'

const NOW = Date.UTC(2026, 0, 1)

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-audit-'))
  const outbox = new Outbox(join(folder, 'audit'))
  const told: AuditEvent[] = []
  const broker = { away: false }
  const publish = async (events: readonly AuditEvent[]): Promise<void> => {
    if (broker.away) throw new Error('the broker is away')
    told.push(...events)
  }
  const states: (string | undefined)[] = []
  const clock = testClock(NOW)
  const audit = new Audit({ outbox, publish, clock, onState: (away) => states.push(away) })
  return {
    folder,
    outbox,
    told,
    broker,
    states,
    audit,
    clock,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

const use = (more: Partial<RefusedUse> = {}): RefusedUse => ({
  ...{ tokenId: '4f1c22aa09be', name: 'dashboard', reason: 'scope', scope: 'figures', path: '/kpis' },
  ...more,
})
const event = (n: number): AuditEvent => ({
  ...{ eventId: `token.created|${n}`, action: 'token.created', subject: `${n}`, name: 'a', actor: 'b', scopes: [] },
  ...{ reason: null, path: null, times: 1, occurredAt: NOW + n },
})

test('changes wait in the outbox while the broker is away, and are told once, the first first', async () => {
  using at = place()
  at.broker.away = true
  for (const n of [3, 1, 2, 1]) at.outbox.note(event(n))
  await assert.rejects(at.audit.tell(), /away/)
  assert.equal(at.outbox.size, 3)
  at.broker.away = false
  await new Audit({ outbox: at.outbox, publish: async (all) => void at.told.push(...all), clock: at.clock }).tell()
  assert.deepEqual(at.told, [event(1), event(2), event(3)])
  await at.audit.tell()
  assert.deepEqual([at.told.length, at.outbox.size], [3, 0])
})

test('refused uses of a kind are one event with their number; what is counted survives a stop', async () => {
  using at = place()
  for (let n = 0; n < 5; n++) at.audit.refused(use())
  at.audit.refused(use({ reason: 'unknown', tokenId: undefined, name: undefined }))
  await at.audit.tell()
  assert.deepEqual(
    at.told
      .map(({ subject, reason, times, path, scopes, name, occurredAt }) => [
        ...[subject, reason, times, path, scopes, name, occurredAt],
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    [
      ['4f1c22aa09be', 'scope', 5, '/kpis', ['figures'], 'dashboard', NOW],
      ['unknown', 'unknown', 1, '/kpis', ['figures'], null, NOW],
    ],
  )
  at.broker.away = true
  at.audit.refused(use())
  const stop = new AbortController()
  const run = at.audit.run(stop.signal)
  await new Promise((resolve) => setImmediate(resolve))
  at.audit.refused(use({ path: '/achats' }))
  stop.abort()
  await run
  assert.deepEqual(at.states, ['the broker is away'])
  assert.deepEqual(new Set(at.outbox.pending().map(({ path }) => path)), new Set(['/kpis', '/achats']))
})

test('whoever tries tokens one after the other is told of, in bounded memory', () => {
  const refusals = new Refusals('x')
  for (let n = 0; n < 10_000; n++)
    refusals.add(use({ reason: 'unknown', tokenId: n.toString(16).padStart(12, '0'), name: undefined }), NOW)
  const events = refusals.take()
  assert.ok(events.length <= 101)
  assert.equal(
    events.reduce((sum, { times }) => sum + times, 0),
    10_000,
  )
  assert.equal(new Set(events.map(({ eventId }) => eventId)).size, events.length)
  assert.deepEqual(refusals.take(), [])
})

test('a change is noted before it is made, and is not made where it cannot be noted', () => {
  using at = place()
  const path = join(at.folder, 'tokens.json')
  const noted: string[] = []
  const tokens = new Tokens(path, at.clock, ({ action, token, at: when }) => {
    if (noted.length === 2) throw new Error('the disk is full')
    noted.push(`${action} ${token.id} ${when - NOW} ${JSON.stringify(token).includes('hash')}`)
  })
  const token = tokens.create({ name: 'a', scopes: ['figures'] })
  const id = token.split('_')[1] ?? ''
  assert.equal(tokens.revoke('000000000000'), false)
  assert.ok(tokens.revoke(id))
  assert.deepEqual(noted, [`token.created ${id} 0 false`, `token.revoked ${id} 0 false`])
  assert.throws(() => tokens.create({ name: 'b', scopes: ['figures'] }), /disk is full/)
  assert.deepEqual(tokens.list(), [])
  assert.ok(!readFileSync(path, 'utf8').includes('"b"'))
  assert.deepEqual(readdirSync(at.folder), ['tokens.json'])
})
