import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from './config.ts'
import { temporaryFolder } from './local/temporary.ts'
import { readSchedule } from './schedule.ts'

test("the repository's own schedule: checks hourly, upkeep, a producer for every day", () => {
  const { entries } = readSchedule(join(repositoryRoot, 'deploy', 'schedule.yml'))
  const perDay = (name: string): number => {
    const from = Date.UTC(2026, 0, 1, 0, 0, 30)
    return entries.find((entry) => entry.name === name)?.moments.between(from, from + 86_400_000, 1_000).length ?? 0
  }
  assert.deepEqual(['verify', 'quality', 'compact', 'expire', 'iceberg'].map(perDay), [24, 24, 24, 1, 288])
})

test('what is left out has a value, and a list may hold spaces', (t) => {
  const path = join(temporaryFolder(t), 'schedule.yml')
  writeFileSync(
    path,
    "timeZone: Europe/Berlin\nentries: [{ name: a, cron: daily, run: [sink, compact, s3, --grace, '1 hour'] }]",
  )
  const { parallel, entries } = readSchedule(path)
  const [{ moments: _, ...entry } = assert.fail()] = entries
  assert.equal(parallel, 2)
  assert.deepEqual(entry, {
    name: 'a',
    doc: '',
    cron: 'daily',
    timeZone: 'Europe/Berlin',
    run: ['sink', 'compact', 's3', '--grace', '1 hour'],
    catchUp: 'last',
    timeoutMs: 3_600_000,
    enabled: true,
  })
})

test('what cannot be used is refused by entry and field', (t) => {
  const path = join(temporaryFolder(t), 'schedule.yml')
  const entry = (more: string) => `entries: [{ name: a, cron: daily, run: verify, ${more} }]`
  for (const [content, message] of [
    [entry('colour: red'), /entry a: .*colour/],
    [entry('timeout: soon'), /entry a: timeout is not a duration/],
    [entry('catchUp: all'), /entry a: catchUp/],
    ['entries: [{ name: a, cron: 99 * * * *, run: verify }]', /entry a: .*'99 \* \* \* \*'/],
    ['entries: [{ name: a, cron: daily, timeZone: Mars/Base, run: verify }]', /entry a: .*Mars\/Base/],
    ['entries: [{ name: a, cron: daily, run: "produce {{tomorrow}}" }]', /entry a: run has a place/],
    ['entries: [{ name: a, cron: daily, run: schedule run }]', /entry a: run may not be 'schedule'/],
    ['entries: [{ name: a, cron: daily, run: x }, { name: a, cron: daily, run: y }]', /entries name an entry twice/],
    ['entries: [{', /reading the schedule .*schedule.yml/],
  ] as const) {
    writeFileSync(path, content)
    assert.throws(() => readSchedule(path), { code: 'CONFIG_INVALID', message }, content)
  }
  assert.throws(() => readSchedule(join(path, 'none')), { code: 'CONFIG_INVALID' })
})
