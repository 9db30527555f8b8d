import { inputDeadLetterTopic } from '#engine/ingest'
import type { FileTrace } from './file.ts'

/** A trace as people read it, with so many of its dead letters. */
export function traceText(trace: FileTrace, most: number): string {
  const { source, file, sha256, bytes, again, passed, lines, complete, begunAt, endedAt, original, rejects } = trace
  const sent = again === 0 ? '' : `, sent again (${again})`
  const before = passed === 0 ? '' : `; ${passed} before them were there from a shorter state of the file`
  return [
    `${source}: ${file}${sent}`,
    `  sha256    ${sha256}`,
    `  original  ${original}, ${bytes} bytes`,
    `  taken     ${begunAt} to ${endedAt ?? 'not through yet: kappa ingest files goes on with it'}`,
    `  lines     ${lines}${complete ? '' : ' so far'}${before}`,
    ...topicLines(trace),
    ...rejects
      .slice(0, most)
      .map(({ line, bytes: at, reason }) => `  line ${line}${at === undefined ? '' : ` (bytes ${at})`}: ${reason}`),
    ...(rejects.length > most ? [`  and ${rejects.length - most} more (--rejects ${rejects.length})`] : []),
    ...(trace.line ?? []).flatMap(({ line, topic, partition, offset, query }) => [
      `  line ${line} is ${topic}[${partition}]@${offset}`,
      ...(query === undefined ? [] : [`    ${query}`]),
    ]),
    ...(trace.line?.length === 0 ? ['  that line is in no topic'] : []),
  ].join('\n')
}

function topicLines({ tallies, offsets }: FileTrace): string[] {
  return Object.entries(tallies).flatMap(([topic, { written, deadLettered }]) => [
    `  ${topic.padEnd(32)} ${written} events${deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(topic)}`}`,
    ...(offsets[topic] ?? []).map(
      ({ partition, first, last, events }) => `    [${partition}] offsets ${first} to ${last}: ${events}`,
    ),
  ])
}
