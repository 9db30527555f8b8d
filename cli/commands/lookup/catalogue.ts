import { routes } from '../../../sinks/index.ts'
import { linkTo } from '../../catalogue.ts'
import type { Section } from '../sources/page.ts'
import { type Questions, questionsOf, reachOf } from './questions.ts'

/** For the catalogue: what each table can be asked by `kappa lookup`, and who answers how. */
export const lookUps = (): Section => ({
  title: 'Look-ups: one row, or the rows of a key',
  head: ['table', 'one row', 'rows of a key over a stretch of time'],
  rows: routes
    .flatMap(({ topic, clickhouse }) => (clickhouse ? [topic] : []))
    .map((topic) => {
      const questions = questionsOf(topic)
      return [`\`${questions.table}\` of ${linkTo(topic.name)}`, oneText(questions), manyText(questions)]
    }),
})

const commandText = ({ table }: Questions, columns: readonly string[], rest = ''): string =>
  `\`kappa lookup ${table.replace(/_latest$/, '')} ${columns.map((column) => `${column}=…`).join(' ')}${rest}\``

function oneText(questions: Questions): string {
  const { one, servedFor, time } = questions
  if (one.length === 0) return 'its rows have no identity'
  const redis = servedFor === undefined ? '' : `Redis, ${servedFor === 'forever' ? 'always' : `for ${servedFor}`}; `
  return `${commandText(questions, one)}: ${redis}ClickHouse, ${reachText(questions, one, one.includes(time))}`
}

function manyText(questions: Questions): string {
  const { many, time } = questions
  if (many.length === 0) return 'a key has one row'
  return `${commandText(questions, many, ' --from … --to …')}: by \`${time}\`, ClickHouse, ${reachText(questions, many, true)}`
}

function reachText(questions: Questions, columns: readonly string[], withTime: boolean): string {
  const sorted = reachOf(questions, columns, withTime) === 'sorted'
  return sorted ? `sorted by \`${questions.sortedBy.join('`, `')}\`` : 'which reads those columns of all rows'
}
