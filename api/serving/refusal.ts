import type { Problem } from '../collect/problem.ts'

/** A part of a request that cannot be used, and why. */
export interface Fault {
  readonly field: string
  readonly reason: string
}

/** A request that is answered with a problem (RFC 9457): thrown anywhere while it is looked at. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.detail)
    this.problem = problem
    this.headers = headers
  }
}

const sentence = (faults: readonly Fault[]): string =>
  faults.map(({ field, reason }) => `${field} ${reason}`).join('; ')

/** 400: parameters that cannot be used, each named. */
export const badRequest = (errors: readonly Fault[]): Refusal =>
  new Refusal({ status: 400, title: 'Bad Request', detail: sentence(errors), errors })

/** 404: nothing is known by that name. */
export const notFound = (field: string, reason: string): Refusal =>
  new Refusal({ status: 404, title: 'Not Found', detail: `${field} ${reason}`, errors: [{ field, reason }] })

/** 503: later it may work. */
export const unavailable = (detail: string, retryAfter = 5): Refusal =>
  new Refusal({ status: 503, title: 'Service Unavailable', detail, retryAfter })
