import type { AnyTopic } from '#engine/schema'
import { purchaseLines } from '#schemas'
import { churnTopics } from '../../../models/churn/index.ts'
import { recommendationTopics } from '../../../models/recommendations/index.ts'

/** What `kappa train NAME` reads and publishes. */
export interface Trained {
  readonly name: string
  readonly from: AnyTopic
  readonly to: readonly AnyTopic[]
}

export const trained: readonly Trained[] = [
  { name: 'recommendations', from: purchaseLines, to: recommendationTopics },
  { name: 'churn', from: purchaseLines, to: churnTopics },
]
