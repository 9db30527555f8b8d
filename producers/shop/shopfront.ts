import { catalogueOf } from './catalogue.ts'
import { type Conditions, conditionsAt, type Incident } from './incidents.ts'
import type { Market } from './markets.ts'
import { addressOf, peopleOf, type Visitor } from './people.ts'
import { type Random, randomOf } from './random.ts'
import { botSteps, sessionSteps } from './session.ts'
import type { Step } from './step.ts'

/** Makes sessions of one seed. What a session does depends on the seed, its name and its beginning, never on others. */
export interface Shopfront {
  readonly conditions: (instant: number) => Conditions
  visit(market: Market, at: number, name: string): readonly Step[]
  /** One of a bot's visits: it looks at a product, puts it into the cart, and is gone. */
  bot(market: Market, at: number, name: string): readonly Step[]
}

export function shopfrontOf(seed: number, incidents: readonly Incident[]): Shopfront {
  const catalogue = catalogueOf(seed)
  const visitorFor = peopleOf(seed)
  const conditions = (instant: number) => conditionsAt(incidents, instant)
  return {
    conditions,
    visit(market, at, name) {
      const random = randomOf(seed, name)
      const visitor = visitorFor(market, random)
      return sessionSteps({ sessionId: `s-${name}`, visitor, at, catalogue, conditions }, random)
    },
    bot(market, at, name) {
      const random = randomOf(seed, name)
      return botSteps(
        { sessionId: `s-${name}`, visitor: botOf(market, name, random), at, catalogue, conditions },
        random,
      )
    },
  }
}

/** Bots share few addresses and never sign in. */
const BOT_ADDRESSES = 12

const botOf = (market: Market, name: string, random: Random): Visitor => ({
  visitorId: `v-${name}`,
  market,
  device: 'DESKTOP',
  ip: addressOf(randomOf('bot', random.integer(BOT_ADDRESSES))),
  signedIn: false,
  person: () => ({ customerId: `c-${name}`, email: 'bot@example.com', name: 'bot', address: '' }),
})
