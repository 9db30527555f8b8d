import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import { imports } from '../cli/commands/import/imports.ts'
import { registerCommands } from '../cli/commands/index.ts'
import { repositoryRoot } from '../deploy/config.ts'
import { domains } from '../producers/world/index.ts'

/**
 * Everything that data comes from and goes through on its way in can be found: a command whose help has examples, an example
 * in the README, a row of the catalogue, and a test that runs it on the real stack.
 */
interface Line {
  /** The command, without `kappa`. */
  readonly command: string
  /** The integration test that runs it, and how its words stand there. */
  readonly tested: readonly [file: string, words: string]
  /** In the README as this, where an example of its own would only repeat another. */
  readonly readme?: string
  /** In the catalogue as this. */
  readonly row?: string
}

const stack = (file: string): string => `tests/${file}.integration.test.ts`
const WORLD = [stack('world'), "'produce', 'all'"] as const
const IMPORTED: Readonly<Record<string, Line['tested']>> = {
  retail: [stack('main-path'), "'import', 'retail'"],
  flights: [stack('replay-all'), "'import', 'flights'"],
}

const lines: readonly Line[] = [
  ...domains.map(({ name }): Line => ({ command: `produce ${name}`, tested: WORLD, readme: `\`${name}\`` })),
  { command: 'produce all', tested: WORLD, row: '`kappa produce web ' },
  { command: 'produce shop', tested: [stack('replay'), "'produce', 'shop'"], readme: '`shop`' },
  { command: 'ingest files', tested: [stack('files'), "'ingest', 'files'"] },
  { command: 'trace file', tested: [stack('files'), "'trace', 'file'"] },
  { command: 'ingest http', tested: [stack('http-and-collect'), "'ingest', 'http'"] },
  { command: 'ingest sql', tested: ['producers/connectors/sql/sql.integration.test.ts', "'ingest', 'sql'"] },
  { command: 'ingest pages', tested: [stack('sources'), "'ingest', 'pages'"] },
  { command: 'collect', tested: [stack('http-and-collect'), "'collect'"] },
  ...imports.map(({ name }): Line => {
    return { command: `import ${name}`, tested: IMPORTED[name] ?? [stack('sources'), `'import ${name}`] }
  }),
  { command: 'quality', tested: [stack('files'), "'quality'"] },
  { command: 'verify', tested: [stack('files'), "'verify'"], row: '`kappa verify --source' },
  { command: 'flow run', tested: [stack('schedule'), "'run', 'day'"] },
  { command: 'lookup', tested: ['tests/looked-up.ts', "'lookup'"] },
]

const read = (file: string): string => readFileSync(join(repositoryRoot, file), 'utf8')
/** Code with its line breaks taken out: how a formatter lays words out says nothing. */
const flat = (code: string): string => code.replace(/\s+/g, ' ')
const [readme, catalogue] = [read('README.md'), read('docs/catalogue.md')]

const program = new Command('kappa')
await registerCommands(program)

function helpOf(command: string): string {
  let [at, text]: [Command | undefined, string] = [program, '']
  for (const word of command.split(' ')) at = at?.commands.find((one) => one.name() === word)
  at?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

for (const { command, tested, readme: shown, row } of lines)
  test(`kappa ${command}: help, README, catalogue and a test on the real stack`, () => {
    assert.match(helpOf(command), new RegExp(`Examples:\\n(.*\\n)*.*kappa ${command}`), 'examples in its help')
    assert.ok(readme.includes(shown ?? `kappa -- ${command} `), 'an example in the README')
    assert.ok(catalogue.includes(row ?? `\`kappa ${command}`), 'a row in docs/catalogue.md')
    const [file, words] = tested
    assert.ok(flat(read(file)).includes(words), `${file} runs ${words}`)
  })

test('every command of connectors and generators is among them', () => {
  const known = lines.map(({ command }) => command)
  for (const parent of ['produce', 'import', 'ingest'])
    for (const { name } of program.commands
      .filter((one) => one.name() === parent)
      .flatMap((one) => one.commands.map((own) => ({ name: `${parent} ${own.name()}` }))))
      assert.ok(known.includes(name), name)
})

test('every connector is killed by its test', () => {
  for (const { command, tested } of lines.filter(({ command }) => /^(ingest|collect)/.test(command)))
    assert.match(read(tested[0]), /kill\w*\(/i, command)
})
