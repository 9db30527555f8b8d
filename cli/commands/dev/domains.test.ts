import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableOf } from '#engine/schema'
import { achats, pageViews, reports } from '#schemas'
import { domains, World, worldOptionsOf } from '../../../producers/world/index.ts'
import { routes } from '../../../sinks/index.ts'
import { companyArgs, DEFAULT_EVENTS_PER_MINUTE } from './company.ts'
import { agoText, domainsText, LIVE_DOMAINS, questionOf } from './domains.ts'

test('every domain of the made-up company has figures, from tables that it fills', () => {
  const made = domains.filter(({ name }) => name !== 'truth')
  assert.deepEqual(Object.keys(LIVE_DOMAINS).sort(), made.map(({ name }) => name).sort())
  for (const { name, topics } of made) {
    const tables = routes.filter(({ topic, clickhouse }) => clickhouse && topics.some((one) => one.name === topic.name))
    assert.ok(
      tables.some(({ topic }) => tableOf(topic).database === LIVE_DOMAINS[name]),
      `${name} has no table of ${LIVE_DOMAINS[name]}`,
    )
  }
})

const HOUR_MS = 3_600_000

test('whenever it is started, every domain has something to tell within two minutes', () => {
  const flags = companyArgs(DEFAULT_EVENTS_PER_MINUTE).slice(2)
  const given = flags.flatMap((flag, i) =>
    flag.startsWith('--')
      ? [[flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), flags[i + 1]]]
      : [],
  )
  const { settings } = worldOptionsOf({ ...Object.fromEntries(given), tables: true, to: 'kafka' })
  const world = new World(settings)
  // an hour of the night: orders are few
  const hour = Date.UTC(2026, 10, 22, 2) / HOUR_MS
  for (const name of Object.keys(LIVE_DOMAINS)) {
    // They tell of every order that ventes tells of, and of those of three weeks before: long to make, and never rarer.
    if (name === 'crm' || name === 'inventory') continue
    const times =
      domains
        .find((domain) => domain.name === name)
        ?.hour(world, hour)
        .map(({ at }) => at) ?? []
    const gaps = [...times, (hour + 1) * HOUR_MS].map((at, i) => at - (times[i - 1] ?? hour * HOUR_MS))
    assert.ok(Math.max(...gaps) < 120_000, `${name} is silent for ${Math.max(...gaps) / 1_000} s`)
  }
})

test('only tables that are there are asked for', () => {
  const question = questionOf([achats, reports, pageViews], new Set(['ventes.achats', 'weather.reports'])) ?? ''
  assert.match(question, /maxIf\(`dateAchat`.*FROM `ventes`\.`achats` UNION ALL/s)
  assert.match(question, /FROM `weather`\.`reports`\)/)
  assert.doesNotMatch(question, /page_views/)
  assert.equal(questionOf([achats], new Set()), undefined)
})

test('figures are laid out in columns', () => {
  const now = Date.UTC(2026, 0, 1, 12)
  const text = domainsText(
    [
      { domain: 'web', rows: 1_234_567, lastMinute: 612, lastEvent: now - 1_400, tables: 12 },
      { domain: 'ventes', rows: 0, lastMinute: 0, lastEvent: undefined, tables: 0 },
    ],
    now,
  )
  assert.deepEqual(text.split('\n'), [
    '  domain  last minute    last event          rows  tables',
    '  web             612       1 s ago     1,234,567      12',
    '  ventes            0      none yet             0       0',
  ])
  assert.deepEqual([60_000, 7_200_000, 300_000_000].map(agoText), ['60 s ago', '2 h ago', '3 d ago'])
})
