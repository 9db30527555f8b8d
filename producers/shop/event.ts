import type { Topic } from '#engine/schema'
import {
  type CartChange,
  type Click,
  cartChanges,
  clicks,
  type PageView,
  type Purchase,
  pageViews,
  purchases,
} from '#schemas'

/** What happens in the shop; `value` is as the producer knows it, before personal fields are sealed. */
export type ShopEvent =
  | { readonly kind: 'page-view'; readonly topic: Topic<PageView>; readonly value: PageView }
  | { readonly kind: 'click'; readonly topic: Topic<Click>; readonly value: Click }
  | { readonly kind: 'cart-change'; readonly topic: Topic<CartChange>; readonly value: CartChange }
  | { readonly kind: 'purchase'; readonly topic: Topic<Purchase>; readonly value: Purchase }

/** Every topic that the generator writes. */
export const shopTopics = [pageViews, clicks, cartChanges, purchases] as const

export const pageView = (value: PageView): ShopEvent => ({ kind: 'page-view', topic: pageViews, value })
export const click = (value: Click): ShopEvent => ({ kind: 'click', topic: clicks, value })
export const cartChange = (value: CartChange): ShopEvent => ({ kind: 'cart-change', topic: cartChanges, value })
export const purchase = (value: Purchase): ShopEvent => ({ kind: 'purchase', topic: purchases, value })
