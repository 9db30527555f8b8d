import type { Deployment, TaskStatus } from '#engine/runtime'

/** Every task of the deployment runs somewhere, and has taken all there is. */
export function allTaken(deployment: Deployment, partitions: number, statuses: readonly TaskStatus[]): boolean {
  return deployment.stages.every((spec) => {
    const own = statuses.filter(({ stage, state }) => stage === spec.name && state === 'running')
    return own.length === partitions && own.every(({ inputs }) => inputs.every(({ lag }) => lag === 0))
  })
}

/** Positions in the sources, to see that they rest: behind a re-key silence moves positions on for ever. */
export function sourcePositions({ stages }: Deployment, statuses: readonly TaskStatus[]): string {
  const sources = new Set(
    stages.filter(({ inputs }) => inputs.every(({ role }) => role !== 'repartition')).map(({ name }) => name),
  )
  const shown = statuses
    .filter(({ stage }) => sources.has(stage))
    .map(({ stage, partition, inputs }) => `${stage}[${partition}] ${inputs.map(({ position }) => position)}`)
  return shown.sort().join(' ')
}

/** For the message when they do not come to rest. */
export function told(statuses: readonly TaskStatus[]): string {
  const each = statuses.map(({ stage, partition, state, reason, inputs, waitingFor }) => {
    const lags = inputs.map(({ lag }) => lag).join('+')
    return `${stage}[${partition}] ${state} lag ${lags} ${waitingFor} ${reason ?? ''}`
  })
  return each.join('; ') || 'no tasks'
}
