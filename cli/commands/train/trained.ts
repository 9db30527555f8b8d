import type { AnyTopic } from '#engine/schema'
import { purchaseLines } from '#schemas'
import { recommendationTopics } from '../../../models/recommendations/index.ts'
import { churnTopics, upsellTopics } from '../../../models/scores/index.ts'
import { segmentTopics } from '../../../models/segments/index.ts'

/** What `kappa train NAME` reads and publishes. */
export interface Trained {
  readonly name: string
  readonly from: AnyTopic
  readonly to: readonly AnyTopic[]
}

export const trained: readonly Trained[] = [
  { name: 'recommendations', from: purchaseLines, to: recommendationTopics },
  { name: 'churn', from: purchaseLines, to: churnTopics },
  { name: 'upsell', from: purchaseLines, to: upsellTopics },
  { name: 'segments', from: purchaseLines, to: segmentTopics },
]
