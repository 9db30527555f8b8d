import { parseMart } from './front-matter.ts'
import type { Category, Mart } from './mart.ts'

/** A mart's file with one column, and whatever else is said of it. */
export const martText = ({
  sql = 'SELECT 1 AS id',
  column = '',
  header = '',
}: {
  readonly sql?: string
  readonly column?: string
  readonly header?: string
} = {}): string => `/*
description: For a test.
grain: one row
owner: tests
materialized: view
english: english_name
columns:
  id: { type: UInt8, en: identity, doc: "What tells rows apart."${column} }
${header}*/
${sql}
`

export const martNamed = (name: string, text: string = martText(), category: Category = 'facts'): Mart =>
  parseMart({ name, category, text }, 'Europe/Paris')

/** A mart that reads others. */
export const reading = (name: string, ...others: readonly string[]): Mart =>
  martNamed(
    name,
    martText({ sql: `SELECT 1 AS id FROM ${others.map((other) => `gold.${other}`).join(', ') || 'numbers(1)'}` }),
  )
