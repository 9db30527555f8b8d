import { readFileSync } from 'node:fs'
import { reasonOf } from '#engine/errors'
import type { Case } from './cases.ts'
import { runCase } from './run-case.ts'

/**
 * `npm run conformance -- FILE.json …`: runs each case through the engine's own code. A line a case, then
 * `N passed, N failed`; exit code 1 where one fails. A case of a kind that is not built fails and says so.
 */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const files = process.argv.slice(2)
if (files.length === 0) {
  say('which files? npm run conformance -- FILE.json …')
  process.exit(2)
}

/** Ends with 2 where there is no such file, or nothing in it that could be run. */
function casesOf(file: string): readonly Case[] {
  try {
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases?: readonly Case[] }
    if (Array.isArray(cases)) return cases
    say(`${file}: expected an object with a list 'cases'`)
  } catch (thrown) {
    say(`${file}: ${reasonOf(thrown)}`)
  }
  process.exit(2)
}

let passed = 0
let failed = 0
for (const test of files.flatMap(casesOf)) {
  try {
    await runCase(test)
    passed++
    say(`ok ${test.name}`)
  } catch (thrown) {
    failed++
    say(`not ok ${test.name}: ${reasonOf(thrown)}`)
  }
}
say(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
