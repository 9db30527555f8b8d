import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { flowsFile, repositoryRoot } from '../../deploy/config.ts'
import { readFlows } from '../../deploy/flows.ts'
import { temporaryFolder } from '../../deploy/local/temporary.ts'

interface Task {
  readonly name: string
  readonly command: string
  readonly after: readonly string[]
  readonly retries: number
}

interface Dag {
  readonly id: string
  readonly cron: string | null
  readonly tasks: readonly Task[]
}

/** The DAG file loaded by Python, over stand-ins for Airflow's classes: its own packages are too large for every test run. */
function dagsOf(flows: string): readonly Dag[] {
  const stub = join(import.meta.dirname, 'stub')
  const args = [join(import.meta.dirname, 'dump.py'), join(repositoryRoot, 'deploy', 'airflow', 'kappa_dag.py')]
  const env = {
    ...process.env,
    PYTHONPATH: stub,
    PYTHONDONTWRITEBYTECODE: '1',
    KAPPA_FLOWS: flows,
    KAPPA_COMMAND: 'kappa',
  }
  return JSON.parse(execFileSync('python3', args, { env, encoding: 'utf8' })) as readonly Dag[]
}

/** Places as they stand in flows.yml: Airflow's template for each names what it is made from. */
const withPlaces = (command: string): string =>
  command.replaceAll(/\{\{.*?\}\}/g, (template) =>
    template.includes('.add(days=') ? '{{date}}' : template.includes('subtract') ? '{{previousDay}}' : '{{day}}',
  )

test("Airflow's DAGs have the flows' steps: the same commands, edges, retries, pauses and time-outs", (t) => {
  const file = join(temporaryFolder(t), 'flows.json')
  const content = parse(readFileSync(flowsFile({}), 'utf8')) as { flows: object[] }
  content.flows.push({
    ...{ name: 'by-hand', timeZone: 'Europe/Berlin', dateOffset: 0, timeout: '2 hours', parallel: 3 },
    steps: [
      { name: 'a', run: 'verify --topic {{day}}', timeout: '90 seconds', longestBackOff: '1 minute' },
      { name: 'b', after: ['a'], run: ['tail', "it's {{previousDay}}", '--last', '1'] },
      { name: 'c', after: ['a'], run: 'verify' },
      { name: 'd', after: ['b', 'c'], run: 'verify --topic={{date}}', retries: 4, backOff: '2 minutes' },
    ],
  })
  writeFileSync(file, JSON.stringify(content))
  const flows = readFlows(file)
  const dags = dagsOf(file)
  assert.deepEqual(
    dags.map(({ tasks, ...dag }) => ({
      ...dag,
      tasks: tasks.map((task) => ({ ...task, command: withPlaces(task.command).replaceAll("'\"'\"'", '’') })),
    })),
    flows.map((flow) => ({
      id: `kappa_${flow.name.replaceAll('-', '_')}`,
      cron: flow.cron ?? null,
      timeZone: flow.cron === undefined ? null : flow.timeZone,
      catchup: flow.catchUp === 'each',
      parallel: flow.parallel,
      timeoutMs: flow.timeoutMs,
      tasks: flow.steps.map(({ name, run, after, retries, backOffMs, longestBackOffMs, timeoutMs }) => ({
        ...{ name, command: ['kappa', ...run.map(quoted)].join(' '), after, retries },
        ...{ backOffMs, longestBackOffMs, timeoutMs },
      })),
    })),
  )
})

/** As a shell takes it. */
const quoted = (arg: string): string => (arg.includes(' ') ? `'${arg.replace("'", '’').replace('{{', "'{{")}` : arg)

test('every template of a DAG is about the moment of its run, in the zone of its flow', (t) => {
  const file = join(temporaryFolder(t), 'flows.json')
  const steps = [{ name: 'a', run: 'verify --topic {{date}}' }]
  writeFileSync(file, JSON.stringify({ flows: [{ name: 'f', timeZone: 'Europe/Berlin', dateOffset: -2, steps }] }))
  const template =
    "{{ (logical_date or dag_run.run_after).in_timezone('Europe/Berlin').add(days=-2).strftime('%Y-%m-%d') }}"
  assert.equal(dagsOf(file)[0]?.tasks[0]?.command, `kappa verify --topic ${template}`)
})
