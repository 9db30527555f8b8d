import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError, processor } from '#engine'
import { memoryVault, sealer } from '#engine/governance'
import { at, contract, opened } from './page-fixture.ts'

/*
 * 5. Personal data: masking that the build checks
 *
 * A contract says which fields are personal, about whom, and what masking makes of them. Producers seal these fields with a
 * secret of that person's; the secret lies in a vault, and destroying it erases the person everywhere, in every copy.
 */
const pii = (strategy: 'pseudonym' | 'generalise' | 'drop', more = {}) => ({
  'confluent:tags': ['PII'],
  pii: { subject: 'visitor', strategy, sealed: true, ...more },
})
interface Visit {
  readonly visitor: string
  readonly email: string
  readonly ip: string
  readonly visitedAt: number
}
const visits = contract<Visit>(
  'web.visits.v1',
  { key: 'visitor', time: 'visitedAt' },
  {
    visitor: 'text',
    email: ['text', pii('pseudonym')],
    ip: ['text', pii('generalise', { keep: 'ip-prefix' })],
    visitedAt: 'time',
  },
)
interface MaskedVisit {
  readonly visitor: string
  readonly who: string
  readonly network: string
  readonly visitedAt: number
}
const shape = { visitor: 'text', network: 'text', visitedAt: 'time' } as const
const maskedVisits = contract<MaskedVisit>(
  'web.masked-visits.v1',
  { key: 'visitor', time: 'visitedAt' },
  { ...shape, who: ['text', pii('pseudonym', { sealed: false })] },
)

const plan = processor('masked-visits', ({ from }) =>
  from(visits).mask({ email: 'who', ip: 'network' }).to(maskedVisits),
)

test('masked rows tell people apart without telling who they are; an erased person reads erased', async () => {
  const vault = memoryVault()
  const page = await opened(plan, { vault })
  const visit = (visitor: string, time: string): Visit => ({
    visitor,
    email: `${visitor}@example.org`,
    ip: '192.0.2.77',
    visitedAt: at(time),
  })
  const seal = sealer(visits, vault)
  page.write(visits, ...(await seal([visit('ada', '12:00:00'), visit('ada', '12:01:00'), visit('bob', '12:02:00')])))
  vault.erase('bob')
  await page.run()
  const [first, second, third] = page.rows(maskedVisits)
  assert.equal(first?.who, second?.who)
  assert.ok(!first?.who.includes('ada'))
  assert.equal(first?.network, '192.0.2.0/24')
  assert.deepEqual([third?.who, third?.network], ['erased', 'erased'])
})

test('a personal field that would reach an untagged column does not build', () => {
  const untagged = contract<MaskedVisit>(
    'web.plain-visits.v1',
    { key: 'visitor', time: 'visitedAt' },
    { ...shape, who: 'text' },
  )
  const refusal = (thrown: unknown) =>
    thrown instanceof KappaError &&
    thrown.code === 'PLAN_INVALID' &&
    /'web\.visits\.v1\.email' reaches the untagged column 'who'/.test(thrown.message)
  // A pseudonym is still personal: it singles a person out.
  assert.throws(
    () => processor('leak', ({ from }) => from(visits).mask({ email: 'who', ip: 'network' }).to(untagged)),
    refusal,
  )
  // @ts-expect-error A column that masking does not yield is an error of the compiler.
  const forgotten = () => processor('leak', ({ from }) => from(visits).mask({ email: 'who' }).to(maskedVisits))
  assert.throws(forgotten, KappaError)
})
