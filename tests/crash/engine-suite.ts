import { runSimulated } from './simulated/run.ts'
import { type Choices, type Runs, resultOf, type Suite, type Where } from './suite.ts'
import { type Topology, topologies } from './topologies/index.ts'

/** Seeds take the topologies in turn. */
export const topologyOf = (seed: number): Topology => topologies[seed % topologies.length] as Topology

const placeOf = (seed: number, broker: Where) =>
  ({ suite: 'engine', seed, broker, subject: topologyOf(seed).name }) as const

const fake: Runs = {
  run: (seed, signal) => resultOf(placeOf(seed, 'fake'), () => runSimulated(seed, topologyOf(seed), signal)),
  async close() {},
}

async function real(choices: Choices): Promise<Runs> {
  const { openReal } = await import('./real/run.ts')
  const opened = await openReal()
  return {
    run(seed, signal) {
      const fetching = choices.fetching ?? (seed % 4 === 0 ? 'librdkafka' : 'lean')
      const place = placeOf(seed, 'real')
      const subject = `${place.subject}, ${fetching}`
      return resultOf({ ...place, subject }, () => opened.run(seed, topologyOf(seed), fetching, signal))
    },
    close: () => opened.close(),
  }
}

export const engineSuite: Suite = {
  name: 'engine',
  about: 'workers, the broker and their commits, over windows, joins, re-keying and stateful operators',
  open: async (where, choices) => (where === 'fake' ? fake : await real(choices)),
}
