import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError, processor } from '#engine'
import { at, contract, header, opened } from './page-fixture.ts'

/*
 * 6. Bad records
 *
 * Bad data is an outcome, not an accident: a record that cannot be decoded, that breaks a rule of its contract, or that a
 * function throws at three times in a row goes to the dead-letter topic, with its bytes as they came, the step, the reason
 * and where it stood. The others go on.
 */
interface Reading {
  readonly sensor: string
  readonly celsius: number
  readonly readAt: number
}
const fields = { sensor: 'text', celsius: ['long', { rule: { min: -90, max: 60 } }], readAt: 'time' } as const
const readings = contract<Reading>('lab.readings.v1', { key: 'sensor', time: 'readAt' }, fields)
const warm = contract<Reading>(
  'lab.warm-readings.v1',
  { key: 'sensor', time: 'readAt' },
  { ...fields, celsius: 'long' },
)
const reading = (celsius: number, sensor = 's1'): Reading => ({ sensor, celsius, readAt: at('12:00:00') })

/** `mended`: the version after somebody had a look. */
const planned = (mended = false) =>
  processor('warm-readings', ({ from }) =>
    from(readings)
      .filter(['sensor', 'celsius'], ({ sensor, celsius }) => {
        if (sensor === 'broken' && !mended) throw new Error('nobody expected this sensor')
        return celsius > 20
      })
      .to(warm),
  )

test('each bad record is put aside with its reason, and the rest goes on', async () => {
  const page = await opened(planned())
  page.write(readings, reading(21))
  page.driven.write({ topic: readings.name, key: Buffer.from('s1'), value: Buffer.from('no event') })
  page.write(readings, reading(900), reading(22, 'broken'), reading(23))
  await page.run()
  assert.deepEqual(
    page.rows(warm).map(({ celsius }) => celsius),
    [21, 23],
  )
  const letters = page.deadLetters()
  assert.deepEqual(
    letters.map((letter) => [header(letter, 'offset'), header(letter, 'step')]),
    [
      ['1', 'decode'],
      ['2', 'rules'],
      ['3', 'warm-readings'],
    ],
  )
  assert.equal(letters[0]?.value?.toString(), 'no event')
  assert.match(header(letters[1], 'error') ?? '', /celsius/)
  assert.match(header(letters[2], 'error') ?? '', /nobody expected this sensor/)
})

test('twenty in a row mean that the code is broken, not the data: the task stops, and goes on when it is mended', async () => {
  const page = await opened(planned())
  const broken = (count: number) => Array.from({ length: count }, () => reading(22, 'broken'))
  page.write(readings, reading(21), ...broken(12))
  await page.driven.pause()
  page.write(readings, ...broken(18))
  await assert.rejects(page.run(), (thrown) => thrown instanceof KappaError && thrown.code === 'POISONED')
  // Nothing is committed within a row of failures, however it comes in. So the mended version finds all of them where they
  // were, and none was put aside.
  const mended = await opened(planned(true), { broker: page.driven.broker })
  await mended.run()
  assert.equal(mended.rows(warm).length, 31)
  assert.deepEqual(mended.deadLetters(), [])
})

test('a row of failures is over when a record goes through, or when nothing comes for five seconds', async () => {
  const page = await opened(planned())
  const broken = reading(22, 'broken')
  page.write(readings, broken, broken)
  await page.driven.pause()
  assert.deepEqual(page.deadLetters(), [])
  page.write(readings, reading(21))
  await page.driven.pause()
  assert.equal(page.deadLetters().length, 2)
  page.write(readings, broken)
  await page.driven.pause()
  page.driven.clock.advance(5_000)
  await page.driven.pause()
  assert.equal(page.deadLetters().length, 3)
})
