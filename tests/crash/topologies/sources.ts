import type { Topic } from '#engine'
import type { Source } from './contract.ts'
import type { Account, Answer, Beat, Profile } from './events.ts'

export const beatSource = (topic: Topic<Beat>, share = 1): Source => ({
  topic,
  share,
  make: (random, n, user, at): Beat => ({
    id: `b${n}`,
    user,
    page: `page-${random.between(0, 6)}`,
    number: random.between(0, 40),
    amount: BigInt(random.between(-500, 5_000)),
    weight: random.chance(0.2) ? null : random.between(1, 10_000) / 7,
    at,
  }),
})

export const profileSource = (topic: Topic<Profile>, share = 1): Source => ({
  topic,
  share,
  make: (_random, n, user, since): Profile => ({ user, tier: `tier-${n}`, since }),
})

export const answerSource = (topic: Topic<Answer>, share = 1): Source => ({
  topic,
  share,
  make: (_random, n, who, answeredAt): Answer => ({ answer: `a${n}`, who, answeredAt }),
})

export const accountSource = (topic: Topic<Account>, share = 1): Source => ({
  topic,
  share,
  make: (random, _n, user, openedAt): Account => ({ user, credit: random.between(0, 40), openedAt }),
})
