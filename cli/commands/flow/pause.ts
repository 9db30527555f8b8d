import type { Command } from 'commander'
import { standingOf } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { withHistory } from '../schedule/session.ts'
import { entryOf } from './execute.ts'
import { flowNamed } from './named.ts'

/** `kappa flow pause` and `kappa flow resume` */
export function registerPause(flow: Command): void {
  const set = (word: 'pause' | 'resume', description: string): void => {
    flow
      .command(word)
      .description(description)
      .argument('<name>')
      .option('--json', 'for programs')
      .action((name: string, { json }: { readonly json?: boolean }) =>
        withHistory(async ({ flows, history }) => {
          const entry = entryOf(flowNamed(name, flows))
          await history.ensure()
          const wanted = word === 'pause'
          const noted = await history.decide((all, at) =>
            standingOf(entry, all, at).paused === wanted
              ? undefined
              : { kind: wanted ? 'paused' : 'resumed', entry: entry.name, at },
          )
          const changed = noted !== undefined
          if (json === true) console.log(JSON.stringify({ flow: name, paused: wanted, changed, at: systemClock.now() }))
          else console.log(`${name} is ${changed ? '' : 'already '}${wanted ? 'paused' : 'not paused'}`)
        }),
      )
  }
  set('pause', 'take no moment of a flow from now on; a run that goes on goes on, and it can still be run by hand')
  set('resume', 'take its moments again; those that passed meanwhile are caught up, as the flow says')
}
