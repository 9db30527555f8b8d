import { type Command, InvalidArgumentError, Option } from 'commander'
import { KappaError } from '#engine/errors'
import { type KnownToken, type Scope, scopeNames, scopes } from '../../../api/serving/index.ts'
import { table } from '../stack/table.ts'
import { tokensOf } from './audited.ts'

const help = `
A token is shown once, when it is made; what is kept is a hash of it, in the data folder. A running API knows of a change
within a second. Tokens made, revoked and refused are events on governance.audit.v1: the API tells them within some seconds, and
while none runs they wait in the data folder. Scopes:
${scopeNames.map((name) => `  ${name.padEnd(10)} ${scopes[name]}`).join('\n')}

Examples:
  kappa api token create --scope figures --scope products --name dashboard
  kappa api token create --scope all --days 1
  kappa api token list
  kappa api token revoke 4f1c22aa09be`

/** `kappa api token …` */
export function registerTokens(api: Command): void {
  const token = api.command('token').description('tokens that let programs ask the API').addHelpText('after', help)
  token
    .command('create')
    .description('make a token and show it, once')
    .requiredOption('--scope <scope>', `what it may read, repeatable: ${scopeNames.join(', ')}, or all`, scopesOf)
    .option('--name <name>', 'who it is for', 'unnamed')
    .addOption(new Option('--days <n>', 'until it expires (default: never)').argParser(days))
    .option('--json', 'for programs')
    .action(create)
  token
    .command('list')
    .description('show every token, without its secret')
    .option('--json', 'for programs')
    .action(({ json = false }: { readonly json?: boolean }) => {
      const known = tokensOf().list()
      console.log(json ? JSON.stringify(known, null, 2) : listText(known))
    })
  token
    .command('revoke')
    .description('refuse a token from now on')
    .argument('<id>', 'as kappa api token list shows it')
    .action((id: string) => {
      if (!tokensOf().revoke(id))
        throw new KappaError('CONFIG_INVALID', `revoking a token: there is none with id ${id}`)
      console.log(`${id} is refused from now on`)
    })
}

interface CreateFlags {
  readonly scope: readonly Scope[]
  readonly name: string
  readonly days?: number
  readonly json?: boolean
}

const DAY_MS = 86_400_000

function create({ scope, name, days, json }: CreateFlags): void {
  const lifetime = days === undefined ? {} : { lifetimeMs: days * DAY_MS }
  const token = tokensOf().create({ name, scopes: scope, ...lifetime })
  console.log(json === true ? JSON.stringify({ token, name, scopes: scope }) : token)
}

const listText = (known: readonly KnownToken[]): string =>
  known.length === 0
    ? 'there are none yet; kappa api makes the first'
    : table(
        ['id', 'name', 'scopes', 'made', 'expires'],
        known.map(({ id, name, scopes: own, createdAt, expiresAt = 'never' }) => {
          const [made, expires] = [createdAt.slice(0, 10), expiresAt.slice(0, 10)]
          return [id, name, own.join(' '), made, expires]
        }),
      )

function scopesOf(text: string, before: readonly Scope[] = []): readonly Scope[] {
  if (text === 'all') return scopeNames
  const scope = scopeNames.find((name) => name === text)
  if (scope === undefined) throw new InvalidArgumentError(`It is none of ${scopeNames.join(', ')}, all.`)
  return [...before, scope]
}

function days(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is not a whole number of days above 0.')
  return Number(text)
}
