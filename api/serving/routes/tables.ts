import { z } from 'zod'
import type { Mart } from '../../../marts/index.ts'
import { fingerprintOf } from '../cursor.ts'
import { formats } from '../parameters.ts'
import { columnOf, type Row } from '../relation.ts'
import type { DocumentRoute } from '../route.ts'
import { bodyOf, rowSchema } from './rows.ts'

const text = (name: string, doc: string) => columnOf(name, 'String', doc)
const columns = [
  text('name', 'The table: `gold.<name>` in ClickHouse.'),
  text('english', 'Name of the view that shows the same in English; empty where the table is in English.'),
  text('category', 'dimensions, facts, kpis or analytics.'),
  text('grain', 'What one row is.'),
  text('description', 'What it holds.'),
  text('owner', 'Who answers for it.'),
  text('scope', 'What a token needs to read it.'),
  text('href', 'Where its rows are.'),
]

/** `/gold`: which tables there are. It changes with Kappa itself, not with the data. */
export function tablesRoute(marts: readonly Mart[], scopes: ReadonlyMap<string, string>): DocumentRoute {
  const rows: readonly Row[] = marts.map(({ name, english, category, grain, description, owner }) => ({
    ...{ name, english: english ?? '', category, grain, description, owner },
    ...{ scope: scopes.get(name) ?? '', href: `/gold/${name}` },
  }))
  const version = fingerprintOf(rows)
  return {
    path: '/gold',
    tag: 'Gold',
    summary: 'Every table of gold',
    description: 'What each table holds, and where its rows are.',
    scope: 'figures',
    kind: 'document',
    formats,
    parts: z.strictObject({}),
    query: z.strictObject({ format: z.enum(formats, `is none of ${formats.join(', ')}`).optional() }),
    answer: z.strictObject({ data: z.array(rowSchema(columns)) }),
    version: async () => version,
    serve: async ({ format }) => ({ body: bodyOf(format, columns, rows, (data) => ({ data })), headers: {} }),
  }
}
