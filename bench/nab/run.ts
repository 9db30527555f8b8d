// The Numenta Anomaly Benchmark over the house's metric watch: online, one set of constants, a fresh start for each file.
//   npm run bench:nab -- --data DIR --labels FILE [--json FILE] [--files]
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { KappaError, reasonOf } from '#engine/errors'
import { newMetricWatch, watchMetric } from '../../processors/anomalies/metric/index.ts'
import { type LabelledSeries, readCorpus } from './corpus.ts'
import { bestThreshold, normalised, PROFILES, probationOf, rawScore, type Scored } from './scoring.ts'

/** What the watch itself calls an alarm. */
const FIXED = 0.5

const command = new Command('npm run bench:nab --')
  .description('Scores the metric watch on labelled series in the format of the Numenta Anomaly Benchmark.')
  .requiredOption('--data <folder>', 'folder of series, GROUP/NAME.csv with timestamp,value')
  .requiredOption('--labels <file>', 'JSON of each file to its anomaly windows')
  .option('--files', 'also a line for each file: windows, found, alarms outside')
  .option('--json <file>', 'writes every figure to a file')
  .addHelpText('after', '\nExample\n  npm run bench:nab -- --data nab/data --labels nab/labels/combined_windows.json')
  .parse()
const options = command.opts<{ data: string; labels: string; files?: true; json?: string }>()

function scoredOf(series: LabelledSeries): Scored {
  const watch = newMetricWatch()
  return { series, scores: series.values.map((value, n) => watchMetric(watch, series.times[n] ?? 0, value).score) }
}

function fileLine({ series, scores }: Scored): string {
  const alarms = scores.flatMap((score, row) => (score >= FIXED && row >= probationOf(scores.length) ? [row] : []))
  const within = (row: number, [first, last]: readonly [number, number]) => row >= first && row <= last
  const found = series.windows.filter((window) => alarms.some((row) => within(row, window))).length
  const outside = alarms.filter((row) => !series.windows.some((window) => within(row, window))).length
  return `${series.name}: ${found} of ${series.windows.length} windows, ${outside} alarms outside`
}

try {
  const began = performance.now()
  const corpus = readCorpus(options.data, options.labels).map(scoredOf)
  const rows = corpus.reduce((sum, { scores }) => sum + scores.length, 0)
  const groups = [...new Set(corpus.map(({ series }) => series.group))].map(
    (group) => [group, corpus.filter(({ series }) => series.group === group)] as const,
  )
  if (options.files) for (const one of corpus) console.log(fileLine(one))
  const figures = PROFILES.map((profile) => {
    const threshold = bestThreshold(corpus, profile)
    const of = (part: readonly Scored[], at: number) => normalised(part, rawScore(part, at, profile), profile)
    const ofGroups = groups.map(([group, part]) => ({
      group,
      windows: part.reduce((sum, { series }) => sum + series.windows.length, 0),
      score: of(part, threshold),
      alarms: part.reduce(
        (sum, { scores }) =>
          sum + scores.filter((score, row) => score >= threshold && row >= probationOf(scores.length)).length,
        0,
      ),
    }))
    return {
      profile: profile.name,
      threshold,
      score: of(corpus, threshold),
      fixed: of(corpus, FIXED),
      groups: ofGroups,
    }
  })
  for (const { profile, score } of figures) console.log(`${profile} ${score.toFixed(2)}`)
  for (const { profile, threshold, fixed, groups: parts } of figures) {
    console.log(`\n${profile}: threshold ${threshold.toFixed(4)}; at the fixed threshold ${FIXED}: ${fixed.toFixed(2)}`)
    for (const { group, windows, score, alarms } of parts)
      console.log(`  ${group} ${windows === 0 ? 'no windows' : score.toFixed(2)}, ${alarms} alarms`)
  }
  const seconds = (performance.now() - began) / 1_000
  console.log(`\n${corpus.length} files, ${rows} rows, ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s`)
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ files: corpus.length, rows, figures }, null, 2)}\n`)
} catch (thrown) {
  console.error(reasonOf(thrown))
  process.exit(thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID' ? 2 : 1)
}
