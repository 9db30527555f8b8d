export {
  type Alert,
  alertsTopic,
  type CatchUp,
  type Entry,
  type Outcome,
  type Runners,
  type ScheduleEvent,
  schedulesTopic,
  type Trigger,
} from './contract.ts'
export { type Due, type Standing, standingOf } from './due.ts'
export { type Asked, claimNow, type Ended, type Execute, type Moment, type RunEnd, runClaimed } from './execute.ts'
export { ScheduleHistory } from './history.ts'
export { type Run, runsOf } from './runs.ts'
export { runScheduler, type SchedulerOptions } from './scheduler.ts'
export {
  type FlowEnd,
  type FlowStep,
  type RunStepsOptions,
  runSteps,
  type StepEvent,
  type StepOutcome,
  type StepState,
} from './steps.ts'
