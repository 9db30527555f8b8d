export { type Clock, systemClock } from './clock.ts'
export { cron, type Moments } from './cron.ts'
export { type Duration, milliseconds } from './duration.ts'
