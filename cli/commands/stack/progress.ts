import cliProgress from 'cli-progress'
import type { OnStackEvent, StackEvent } from '../../../deploy/local/index.ts'

/** Shows a starting or stopping stack: bars for downloads on a terminal, one line for everything else. */
export function stackProgress(write: (line: string) => void = console.log): OnStackEvent {
  const bar = downloads()
  return (event) => {
    if (event.kind === 'fetching') return bar.show(event)
    if (event.kind === 'fetched') bar.finish()
    const line = lineFor(event)
    if (line !== undefined) write(line)
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

/** What is said of an event; `undefined` where nothing is. */
export function lineFor(event: StackEvent): string | undefined {
  switch (event.kind) {
    case 'fetched':
      return `  ${event.part} fetched`
    case 'running':
      return `  ${event.service} runs already (process ${event.pid})`
    case 'waiting':
      return `  ${event.service} is slow to come, ${seconds(event.elapsed)} so far: ${event.reason}`
    case 'ready':
      return `  ${event.service} ready after ${seconds(event.elapsed)} (process ${event.pid})`
    case 'stopped':
      return event.how === 'stopped' ? `  ${event.service} stopped` : `  ${event.service} did not stop in time: killed`
    default:
      return undefined
  }
}

type Fetching = Extract<StackEvent, { kind: 'fetching' }>

function downloads() {
  const format = '  fetching {part} [{bar}] {value}/{total} MB'
  let bar: cliProgress.SingleBar | undefined
  const megabytes = (bytes: number) => Math.round(bytes / 1e6)
  return {
    show(event: Fetching) {
      if (!process.stdout.isTTY || event.received === 0) return
      if (bar === undefined) {
        bar = new cliProgress.SingleBar({ format, hideCursor: true, clearOnComplete: true, barsize: 30 })
        bar.start(megabytes(event.expected), 0, { part: event.part })
      }
      bar.update(megabytes(event.received), { part: event.part })
    },
    finish() {
      bar?.stop()
      bar = undefined
    },
  }
}
