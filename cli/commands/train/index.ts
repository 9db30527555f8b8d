import type { Command } from 'commander'
import { registerRecommendations } from './recommendations.ts'
import { registerScores } from './scores.ts'
import { registerSegments } from './segments.ts'

const help = `
A training is a bounded replay: it reads a topic up to where it ends as the command starts, computes, and publishes what it
found on topics of results, each row with the model's version and the instant up to which the model knows. The same
records and settings give the same model, byte for byte, and publishing it again changes nothing.`

/** `kappa train recommendations | churn | upsell | segments`: models from what is on a topic. */
export function register(program: Command): void {
  const train = program.command('train').description('train a model by a bounded replay, and publish what it says')
  train.addHelpText('after', help)
  registerRecommendations(train)
  registerScores(train)
  registerSegments(train)
}
