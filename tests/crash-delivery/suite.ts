import { Random } from '../crash/random.ts'
import { type Choices, type Runs, resultOf, type Suite, type Where } from '../crash/suite.ts'
import { type Script, scriptOf } from './script.ts'
import { runSimulated } from './simulated/run.ts'

const subjectOf = ({ partitions, lanes, rows, overflows, scenes }: Script): string => {
  const anew = scenes.some(({ madeAnew }) => madeAnew) ? ', topic made anew' : ''
  return `${partitions} partitions, ${lanes} lanes, cuts of ${rows}${overflows ? ', windows overflow' : ''}${anew}`
}

const placeOf = (seed: number, broker: Where) =>
  ({ suite: 'delivery', seed, broker, subject: subjectOf(scriptOf(seed, new Random(seed))) }) as const

const fake: Runs = {
  run: (seed, signal) => resultOf(placeOf(seed, 'fake'), () => runSimulated(seed, signal)),
  async close() {},
}

async function real(choices: Choices): Promise<Runs> {
  const { openReal } = await import('./real/run.ts')
  const opened = await openReal(choices)
  return {
    run: (seed, signal) => resultOf(placeOf(seed, 'real'), () => opened.run(seed, signal)),
    close: () => opened.close(),
  }
}

export const deliverySuite: Suite = {
  name: 'delivery',
  about: 'sink processes, the broker, ClickHouse and S3, at every step of the cut log',
  open: async (where, choices) => (where === 'fake' ? fake : await real(choices)),
}
