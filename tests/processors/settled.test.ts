import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { explainRow, postedCorrections, settle, settleable } from '#engine/replay'
import {
  type Product,
  type PurchaseLine,
  products,
  purchaseLines,
  type RevenuePerDay,
  revenuePerDay,
  revenuePerDayCorrections,
} from '#schemas'
import { settledOf } from '../../cli/commands/explain/settled.ts'
import { processors } from '../../processors/index.ts'
import plan from '../../processors/retail-revenue-per-day.ts'
import { drivenPlan } from './driven.ts'

// Two inputs, a join as of a time, New York days and a re-key: late money of a real processor.

const HOUR = 3_600_000
const START = Date.parse('2017-03-08T05:00:00Z')
const department = ['GROCERY', 'DELI', 'PRODUCE'] as const

const product = (productId: number): Product => ({
  ...{ productId, department: department[productId - 1] ?? null, validFrom: Date.UTC(2016, 11, 1) },
  ...{ manufacturerId: null, brand: null, productCategory: null, productType: null, packageSize: null },
})

const aLine = fc.record({
  productId: fc.integer({ min: 1, max: 4 }),
  /** Hours behind the hour in which it comes. */
  behind: fc.oneof({ weight: 3, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(150) }),
  quantity: fc.integer({ min: -3, max: 9 }),
  cents: fc.integer({ min: -10_000, max: 1_000_000 }),
})

const lineOf = (
  { productId, behind, quantity, cents }: typeof aLine extends fc.Arbitrary<infer T> ? T : never,
  n: number,
) =>
  ({
    ...{ householdId: 1, storeId: 1, basketId: n, productId, quantity, salesValue: BigInt(cents), week: 1 },
    ...{ retailDiscount: 0n, couponDiscount: 0n, couponMatchDiscount: 0n },
    purchasedAt: START + Math.max(0, n * 3 - behind) * HOUR,
  }) satisfies PurchaseLine

const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' })
const nameOf = (of: string, at: number): string => `${of} ${day.format(at)}`

type Sums = Map<string, { lines: number; units: number; revenue: bigint }>
function add(sums: Sums, name: string, lines: number, units: number, revenue: bigint): void {
  const own = sums.get(name) ?? { lines: 0, units: 0, revenue: 0n }
  sums.set(name, { lines: own.lines + lines, units: own.units + units, revenue: own.revenue + revenue })
}

test('retail days with their corrections are what a plain loop over all lines gives, and each day is explained', async () => {
  let [posted, explained, corrected] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(aLine, { minLength: 40, maxLength: 90 }),
      fc.integer({ min: 1, max: 99 }),
      async (drawn, seed) => {
        const run = await drivenPlan(plan, { seed })
        const { driven } = run
        const { deployment, broker } = driven
        await deployment.registry.register(revenuePerDayCorrections)
        const options = { broker, archive: undefined, archiveLog: undefined, plan, deployment }
        try {
          run.write(products, [product(1), product(2), product(3)])
          await driven.run()
          const lines = drawn.map(lineOf)
          run.write(purchaseLines, lines)
          // On every partition a line far ahead: it closes the days before it.
          const last = Array.from({ length: 12 }, (_, n) => ({
            ...lineOf({ productId: 100 + n, behind: 0, quantity: 1, cents: 1 }, 0),
            purchasedAt: START + 9_000 * HOUR,
          }))
          run.write(purchaseLines, last)
          await run.settle()
          const corrections = processors.find((one) => one.plan === plan)?.corrections
          const truth: Sums = new Map()
          for (const { productId, purchasedAt, quantity, salesValue } of lines)
            add(truth, nameOf(department[productId - 1] ?? 'unknown', purchasedAt), 1, quantity, salesValue)
          assert.ok(corrections)
          /** What is said of a day's late lines: by its events, and by what was posted. */
          const told = async (of: string, windowStart: number) => {
            const values = { department: of, windowStart }
            const why = await explainRow({ ...options, asked: { values, time: windowStart } })
            const posted = await postedCorrections({ ...options, corrections, values, windowStart })
            return settledOf(revenuePerDay, settleable(plan, corrections).columns, why, posted)
          }
          const before = run.rows<RevenuePerDay>(revenuePerDay)[0]
          if (before !== undefined) {
            const { state, standing, corrections: none } = await told(before.department, before.windowStart)
            assert.deepEqual([none, state === 'waiting'], [[], standing !== ''], 'nothing was posted yet')
          }
          const first = await settle({ ...options, corrections })
          for (const { department: of, windowStart, ...row } of first.corrections.slice(
            0,
            2,
          ) as unknown as RevenuePerDay[]) {
            const { state, corrections: own, columns } = await told(of, windowStart)
            assert.equal(state, 'settled', JSON.stringify(columns))
            assert.deepEqual([own.length, own[0]?.amounts.lines, own[0]?.amounts.units], [1, row.lines, row.units])
            const all = truth.get(nameOf(of, windowStart))
            assert.deepEqual([columns[0]?.settled, columns[1]?.settled], [all?.lines, all?.units])
            const cents = String(columns[2]?.settled).replace('.', '')
            assert.equal(BigInt(cents), all?.revenue)
            corrected++
          }
          assert.deepEqual([first.waiting, first.unknown], [0, []])
          assert.deepEqual((await settle({ ...options, corrections })).corrections, [])
          const found: Sums = new Map()
          const rows = [...run.rows(revenuePerDay), ...run.rows(revenuePerDayCorrections)]
          for (const row of rows) add(found, nameOf(row.department, row.windowStart), row.lines, row.units, row.revenue)
          assert.deepEqual(new Map([...found].sort()), new Map([...truth].sort()))
          posted += first.corrections.length
          const [row] = run.rows<RevenuePerDay>(revenuePerDay)
          if (row === undefined) return
          const { department: of, windowStart, lines: many, units, revenue } = row
          const why = await explainRow({
            ...options,
            asked: { values: { department: of, windowStart }, time: windowStart },
          })
          assert.deepEqual([why.added, why.made], [{ lines: many, units, revenue }, row])
          const late = why.leftOut.filter(({ isCertain }) => isCertain)
          assert.equal(why.events.length + late.length, truth.get(nameOf(of, windowStart))?.lines)
          explained++
        } finally {
          await driven.close()
        }
      },
    ),
    { numRuns: 5, seed: 5 },
  )
  assert.ok(
    posted > 3 && explained > 2 && corrected > 3,
    `${posted} corrections, ${explained} and ${corrected} days explained`,
  )
})
