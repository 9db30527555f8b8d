import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { KappaError } from '#engine/errors'

/** A labelled series of the Numenta Anomaly Benchmark. */
export interface LabelledSeries {
  /** Path below the data folder, as the labels name it. */
  readonly name: string
  /** The folder, which is the kind of data. */
  readonly group: string
  /** Milliseconds, taken as UTC. */
  readonly times: readonly number[]
  readonly values: readonly number[]
  /** First and last row of each anomaly window, both in it. */
  readonly windows: readonly (readonly [number, number])[]
}

const timeOf = (text: string): number => Date.parse(`${text.trim().slice(0, 19).replace(' ', 'T')}Z`)

function* csvFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry)
    if (statSync(path).isDirectory()) yield* csvFiles(path)
    else if (entry.endsWith('.csv')) yield path
  }
}

/**
 * Reads every `*.csv` (`timestamp,value`) below `data` that `labels` (a JSON object of file to windows of two timestamps)
 * knows. Throws CONFIG_INVALID where the labels cannot be read, a row is broken or nothing is there.
 */
export function readCorpus(data: string, labels: string): LabelledSeries[] {
  const known = labelsOf(labels)
  const corpus: LabelledSeries[] = []
  for (const path of csvFiles(data)) {
    const name = relative(data, path).replaceAll('\\', '/')
    const windows = known.get(name)
    if (windows) corpus.push(seriesOf(name, path, windows))
  }
  if (corpus.length === 0)
    throw new KappaError('CONFIG_INVALID', `reading ${data}: no file there is named by the labels of ${labels}`)
  return corpus
}

function labelsOf(path: string): Map<string, readonly (readonly [string, string])[]> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8'))))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', `reading the labels ${path}`, { cause })
  }
}

function seriesOf(name: string, path: string, windows: readonly (readonly [string, string])[]): LabelledSeries {
  const times: number[] = []
  const values: number[] = []
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/)
  for (const [n, line] of lines.entries()) {
    const [stamp = '', text = ''] = line.split(',')
    const [time, value] = [timeOf(stamp), Number(text)]
    if (Number.isNaN(time) || text === '' || Number.isNaN(value))
      throw new KappaError('CONFIG_INVALID', `reading ${name}, line ${n + 2}: '${line}' is no timestamp and value`)
    times.push(time)
    values.push(value)
  }
  const rows = windows.map(([from, to]): [number, number] => [
    times.findIndex((time) => time >= timeOf(from)),
    times.findLastIndex((time) => time <= timeOf(to)),
  ])
  return { name, group: name.split('/')[0] ?? name, times, values, windows: rows }
}
