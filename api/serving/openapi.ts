import { z } from 'zod'
import { scopes } from './access/scopes.ts'
import { mediaTypes } from './formats/negotiate.ts'
import type { AnyRoute } from './route.ts'
import { COMPLETE_UNTIL } from './routes/listing.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The OpenAPI 3.1 document of the routes (spec.openapis.org/oas/v3.1): parameters, answers and scopes are those that the
 * server checks, because both come from the same zod schemas.
 */
export function openapiOf(routes: readonly AnyRoute[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kappa',
      version: '1',
      description: [
        'Results of Kappa: customers, purchases, figures, products, campaigns, flights, and what happens now.',
        'Amounts of money are exact decimals, as text. Instants are ISO 8601 in UTC. Personal data that are masked or erased are in no answer.',
        'Rows come as JSON, CSV or Arrow (Accept, or `format`), in pages (`next`, and `Link: …; rel="next"`). Each answer has an `ETag`; ask again with `If-None-Match`.',
        'Whatever is wrong is told as `application/problem+json` (RFC 9457) that names the field.',
        ['Scopes of tokens:', '', ...Object.entries(scopes).map(([name, doc]) => `- \`${name}\`: ${doc}`)].join('\n'),
      ].join('\n\n'),
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operation(route) }])),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'kappa api token create --scope …' } },
      schemas: { Problem: PROBLEM },
      responses: Object.fromEntries(
        Object.entries(PROBLEMS).map(([status, description]) => [
          `Problem${status}`,
          {
            description,
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  400: 'A parameter cannot be used; `errors` names it.',
  401: 'There is no token, or none that is known.',
  403: 'The token has not the scope.',
  404: 'There is nothing by that id.',
  406: 'None of the formats is accepted.',
  503: 'What the answer is made of is away or not there yet; `Retry-After` says when to come back.',
}

const PROBLEM: Json = {
  type: 'object',
  required: ['type', 'status', 'title', 'detail'],
  properties: {
    type: { type: 'string' },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'reason'],
        properties: { field: { type: 'string' }, reason: { type: 'string' } },
      },
    },
  },
}

function operation(route: AnyRoute): Json {
  const { tag, summary, description, scope, path } = route
  const inPath = parametersOf(route.parts, 'path')
  const inQuery = parametersOf(route.query, 'query')
  const problems = Object.keys(PROBLEMS).filter((status) => status !== '404' || path.includes('{'))
  return {
    operationId: `get${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    description: `${description}\n\nScope: \`${scope}\`.`,
    security: [{ token: [scope] }],
    parameters: [...inPath, ...inQuery],
    responses: {
      200: route.kind === 'stream' ? streamResponse(route.answer) : documentResponse(route.answer, route.formats),
      ...(route.kind === 'stream'
        ? {}
        : { 304: { description: 'Nothing has changed since the ETag in If-None-Match.' } }),
      ...Object.fromEntries(problems.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }])),
    },
  }
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(schema) as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    // A default makes a value present behind the check, not in the request.
    required: place === 'path' || (required.includes(name) && !('default' in own)),
    ...(description === undefined ? {} : { description }),
    schema: own,
  }))
}

const documentResponse = (answer: z.ZodType, formats: readonly (keyof typeof mediaTypes)[]): Json => ({
  description: 'What was asked for.',
  headers: {
    ETag: { schema: { type: 'string' }, description: 'Stands for this answer; send it in If-None-Match.' },
    Link: { schema: { type: 'string' }, description: 'The next page: `rel="next"`.' },
    [COMPLETE_UNTIL]: {
      schema: { type: 'string', format: 'date-time' },
      description: 'Until when all events are in the answer, where its tables say so.',
    },
  },
  content: Object.fromEntries(
    formats.map((format) => [
      mediaTypes[format].split(';')[0] ?? '',
      format === 'json' ? { schema: schemaOf(answer) } : { schema: { type: 'string', format: 'binary' } },
    ]),
  ),
})

const streamResponse = (answer: z.ZodType): Json => ({
  description: 'Events until the client goes away; the data of each are JSON.',
  content: { 'text/event-stream': { schema: schemaOf(answer) } },
})

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...own } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })
  return own
}
