export { type Clock, systemClock } from './clock.ts'
export { type Duration, milliseconds } from './duration.ts'
