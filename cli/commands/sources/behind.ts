import { flowsFile } from '../../../deploy/config.ts'
import { readFlows } from '../../../deploy/flows.ts'
import { ruleSets } from '../../../schemas/rule-sets.ts'
import { linkTo } from '../../catalogue.ts'
import { lookUps } from '../lookup/catalogue.ts'
import type { Section } from './page.ts'

/**
 * What comes behind the sources: rule sets that clean what came, checks, flows of dependent steps, and what tables can be asked.
 * @param flows the file that declares them; this installation's where nothing is said
 */
export const sectionsBehind = (flows: string = flowsFile()): readonly Section[] => [
  {
    title: 'Silver rules: clean topics',
    head: ['rules', 'command', 'from', 'to'],
    rows: ruleSets.map(({ name, doc, sources, to }) => [
      `**${name}**: ${doc}`,
      `\`kappa run processor ${name}\``,
      sources.map((source) => `${source.name} ${linkTo(source.topic.name)}`).join(', '),
      linkTo(to.name),
    ]),
  },
  {
    title: 'Checks',
    head: ['check', 'command', 'of', 'on'],
    rows: [
      [
        '**quality**: completeness, uniqueness, validity and freshness by source and hour',
        '`kappa quality`',
        'clean topics and dead letters',
        linkTo('operations.quality.v1'),
      ],
      [
        '**arrival**: lines, answers, rows and beacons taken = events = rows, by source and hour',
        '`kappa verify --source NAME`',
        'what connectors brought',
        'Kafka, ClickHouse, S3',
      ],
    ],
  },
  {
    title: 'From a file to its events',
    head: ['what', 'command', 'of', 'where'],
    rows: [
      [
        '**file**: hash, lines, original, offsets and dead letters; with `--line` where one line went',
        '`kappa trace file NAME`',
        'files that were taken in',
        'Kafka, ClickHouse, S3',
      ],
    ],
  },
  {
    title: 'Flows, also as DAGs of Airflow (deploy/airflow)',
    head: ['flow', 'command', 'steps', 'history'],
    rows: readFlows(flows).map(({ name, doc, steps }) => [
      `**${name}**: ${doc}`,
      `\`kappa flow run ${name}\``,
      steps.map((step) => step.name).join(' → '),
      linkTo('operations.flow-runs.v1'),
    ]),
  },
  lookUps(),
]
