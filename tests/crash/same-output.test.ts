import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calmWays, differenceOfCalm } from './simulated/run.ts'
import { topologies } from './topologies/index.ts'

// Same code, same range, zero differences, for every topology: live runs with one worker and with several, with other poll
// sizes, and started again in the middle; replays at full speed, in small slices and polls, dying on their way, and followed
// by workers. Where results depend on when a task looked (several inputs, silence), replays equal the live run that they replay.
// Each topology takes one of the ways here, its neighbour the other; the seeds of `npm run crash` take all of it together.

const ways = Object.keys(calmWays) as (keyof typeof calmWays)[]
for (const [index, topology] of topologies.entries()) {
  const way = ways[index % ways.length] ?? 'started again in the middle'
  test(`${topology.name}, ${way}: equal output, however it is run`, async () => {
    assert.equal(await differenceOfCalm(1_000 + index, topology, way), undefined)
  })
}
