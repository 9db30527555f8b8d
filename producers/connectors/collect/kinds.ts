import type { AnyTopic } from '#engine/schema'
import { cartChanges, clicks, pageViews, searches } from '#schemas'

/** What browsers and apps may say happened, by the name they say it under. What is paid is not among it: the shop says that itself. */
export const collectedTopics: ReadonlyMap<string, AnyTopic> = new Map<string, AnyTopic>([
  ['page-view', pageViews],
  ['click', clicks],
  ['search', searches],
  ['cart-change', cartChanges],
])
