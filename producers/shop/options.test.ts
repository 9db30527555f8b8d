import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shopOptionsOf } from './index.ts'

const batch = { mode: 'batch', startDate: '2025-01-01', endDate: '2025-03-28', eventsPerDay: '5000', to: 'kafka' }

test('both days of a batch are included', () => {
  const options = shopOptionsOf(batch)
  assert.ok(options.mode === 'batch')
  assert.deepEqual([options.days, options.eventsPerDay, options.seed], [87, 5_000, 1])
  assert.equal(options.start, Date.UTC(2025, 0, 1))
})

test('a flag that is wrong, missing or of the other mode is named', () => {
  const refused = (flags: Record<string, unknown>, message: RegExp) =>
    assert.throws(() => shopOptionsOf(flags), { code: 'CONFIG_INVALID', message })
  refused({ ...batch, mode: 'both' }, /--mode 'both' is neither batch nor stream/)
  refused({ ...batch, startDate: '2025-02-30' }, /--start-date: '2025-02-30' is no date/)
  refused({ ...batch, endDate: undefined }, /--end-date is missing/)
  refused({ ...batch, endDate: '2024-12-31' }, /--end-date 2024-12-31 is before --start-date/)
  refused({ ...batch, eventsPerDay: '0' }, /--events-per-day '0' is not between 1/)
  refused({ ...batch, eventsPerDay: 'many' }, /--events-per-day 'many' is no whole number/)
  refused({ ...batch, duration: '5' }, /--duration is for --mode stream/)
  refused({ ...batch, late: '1.5' }, /--late '1.5' is not between 0 and 1/)
  refused({ ...batch, to: 'file' }, /--to 'file' is neither kafka nor stdout/)
  refused({ ...batch, incident: ['nothing'] }, /--incident 'nothing'/)
  refused({ mode: 'stream', eventsPerDay: '5', to: 'kafka' }, /--events-per-day is for --mode batch/)
})

test('a stream has its pace, and ends by itself only if told so', () => {
  const options = shopOptionsOf({ mode: 'stream', eventsPerMinute: '60', duration: '10', late: '0.01', to: 'stdout' })
  assert.ok(options.mode === 'stream')
  assert.deepEqual([options.eventsPerMinute, options.durationSeconds, options.ratios.late], [60, 10, 0.01])
  const endless = shopOptionsOf({ mode: 'stream', to: 'kafka' })
  assert.ok(endless.mode === 'stream' && endless.durationSeconds === undefined)
})
