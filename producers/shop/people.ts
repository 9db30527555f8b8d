import { isUtf8 } from 'node:buffer'
import {
  type Faker,
  fakerDE,
  fakerEN_GB,
  fakerEN_US,
  fakerES,
  fakerFR,
  fakerJA,
  fakerNL,
  fakerPL,
} from '@faker-js/faker'
import type { Device } from '#schemas'
import type { Market } from './markets.ts'
import { randomOf } from './random.ts'

/** What a shopper types at the checkout. */
export interface Person {
  readonly customerId: string
  readonly email: string
  readonly name: string
  readonly address: string
}

export interface Visitor {
  readonly visitorId: string
  readonly market: Market
  readonly device: Device
  /** Of 198.18.0.0/15 (RFC 2544), which is nobody's. */
  readonly ip: string
  /** Signed in from the first page on. */
  readonly signedIn: boolean
  /** Who it is; made up when asked for. */
  readonly person: () => Person
}

const FAKERS: Readonly<Record<string, Faker>> = {
  US: fakerEN_US,
  DE: fakerDE,
  GB: fakerEN_GB,
  FR: fakerFR,
  ES: fakerES,
  NL: fakerNL,
  PL: fakerPL,
  JP: fakerJA,
}

/** Visitors of all markets; they come back now and then. */
const VISITORS = 12_000
const DEVICES: readonly Device[] = ['MOBILE', 'MOBILE', 'MOBILE', 'DESKTOP', 'DESKTOP', 'TABLET']

/** The shop's visitors, made up when first met: the same ones for the same seed, in whatever order they are met. */
export function peopleOf(seed: number): (market: Market, random: { integer(below: number): number }) => Visitor {
  const known = new Map<string, Visitor>()
  return (market, random) => {
    const number = random.integer(Math.ceil(VISITORS * market.share))
    const id = `${seed.toString(36)}-${market.country.toLowerCase()}-${number.toString(36)}`
    let visitor = known.get(id)
    if (!visitor) {
      visitor = visitorOf(id, market, seed)
      known.set(id, visitor)
    }
    return visitor
  }
}

/** The visitor of this id (`<seed>-<country>-<number>`, base 36): the same one wherever it is met. */
export function visitorOf(id: string, market: Market, seed: number): Visitor {
  const random = randomOf(seed, 'visitor', id)
  let person: Person | undefined
  return {
    visitorId: `v-${id}`,
    market,
    device: random.pick(DEVICES),
    ip: addressOf(random),
    signedIn: random.chance(0.35),
    person: () => {
      person ??= personOf(id, market, random.integer(0x7fffffff))
      return person
    },
  }
}

/** An address of nobody's. */
export const addressOf = (random: { integer(below: number): number }): string =>
  `198.${18 + random.integer(2)}.${random.integer(256)}.${1 + random.integer(254)}`

/** Faker's Dutch names have one that was read as Latin-1 and saved again: `Ömer`. What comes in as such is a dead letter, rightly. */
function asMeant(name: string): string {
  if (!/[\x80-\xff]/.test(name) || /[^\x20-\xff]/.test(name)) return name
  const bytes = Buffer.from(name, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : name
}

function personOf(id: string, market: Market, seed: number): Person {
  const faker = FAKERS[market.country] ?? fakerEN_US
  faker.seed(seed)
  const [firstName, lastName] = [asMeant(faker.person.firstName()), asMeant(faker.person.lastName())]
  const number = faker.number.int({ min: 1, max: 9_999 })
  const latin = faker.internet.exampleEmail({ firstName, lastName }).split('@')[1] ?? 'example.com'
  const login = faker.internet.username({ firstName, lastName }).toLowerCase()
  return {
    customerId: `c-${id}`,
    email: `${login}${number}@${latin}`,
    name: `${firstName} ${lastName}`,
    address: `${faker.location.streetAddress()}, ${faker.location.zipCode()} ${faker.location.city()}`,
  }
}
