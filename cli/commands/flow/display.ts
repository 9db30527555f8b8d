import type { StepOutcome, StepState } from '#engine/schedule'
import type { DeclaredFlow, DeclaredStep } from '../../../deploy/flows.ts'
import { table } from '../stack/table.ts'
import type { FlowWatcher } from './execute.ts'

const WORDS: Readonly<Record<StepState, string>> = {
  waiting: 'waits',
  running: 'runs',
  pausing: 'failed, is tried again',
  kept: 'done before',
  'passed-over': 'passed over',
  succeeded: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
}

interface Shown {
  readonly state: StepState
  readonly end?: StepOutcome | undefined
}

const detail = ({ end }: Shown): string =>
  end === undefined ? '' : `${end.seconds.toFixed(1)} s${end.reason === undefined ? '' : `  ${oneLine(end.reason)}`}`

const oneLine = (text: string): string => text.replaceAll('\n', ' ')

/** Where the steps of a run stand: on a terminal one block that is drawn again, elsewhere a line for each change. */
export function stepDisplay(
  flow: DeclaredFlow,
  options: { readonly verbose: boolean; readonly quiet: boolean },
): FlowWatcher {
  const { verbose, quiet } = options
  if (quiet) return {}
  const draws = process.stdout.isTTY === true && !verbose
  const shown = new Map<string, Shown>(flow.steps.map(({ name }) => [name, { state: 'waiting' }]))
  let drawn = 0
  const draw = (): void => {
    const width = process.stdout.columns ?? 120
    const rows = flow.steps.map(({ name }) => {
      const own = shown.get(name) ?? { state: 'waiting' }
      return ['', name, WORDS[own.state], detail(own)]
    })
    const lines = table(['', 'step', '', ''], rows)
      .split('\n')
      .map((line) => line.slice(0, width - 1))
    const up = drawn === 0 ? '' : `\x1b[${drawn}A`
    process.stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
    drawn = lines.length
  }
  return {
    onState(step: DeclaredStep, state: StepState, end?: StepOutcome) {
      shown.set(step.name, { state, end })
      if (draws) return draw()
      if (state !== 'waiting') console.log(`  ${step.name} ${WORDS[state]}  ${detail({ state, end })}`.trimEnd())
    },
    onText(step: DeclaredStep, text: Buffer) {
      if (!verbose) return
      for (const line of String(text).trimEnd().split('\n')) process.stdout.write(`  ${step.name} | ${line}\n`)
    },
  }
}
