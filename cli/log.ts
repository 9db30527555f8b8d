import { type Logger, pino } from 'pino'
import { logLevel } from '../deploy/config.ts'

/**
 * The log of a long-lived process: one JSON object a line on standard output. The quiet path logs nothing; what is logged
 * is a change of state that an operator may have to know.
 */
export const openLog = (process: string): Logger =>
  pino({ name: process, level: logLevel(), base: null, timestamp: pino.stdTimeFunctions.isoTime })
