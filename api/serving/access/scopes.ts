/** What a token may read. */
export const scopes = {
  customers: 'Customers one by one: who they are by their ids, what they bought, what they are worth.',
  figures: 'Figures of the shop and the stores, without single customers.',
  products: 'The product catalogue and its search.',
  campaigns: 'Campaigns and what they cost.',
  flights: 'Flights and delays.',
  live: 'Live results of processors.',
} as const

export type Scope = keyof typeof scopes
export const scopeNames = Object.keys(scopes) as readonly Scope[]
export const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text)
