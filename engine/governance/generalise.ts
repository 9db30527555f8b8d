import { isIPv4, isIPv6 } from 'node:net'
import type { Pii } from '#engine/schema'

/** What cannot be read for certain is not kept in part: a guess might keep the very thing that had to go. */
const UNKNOWN = 'unknown'

/** The network of an address: IPv4 `/24`, IPv6 `/48` in RFC 5952 form; an IPv4-mapped IPv6 address counts as IPv4. */
function ipPrefix(text: string): string {
  const address = text.trim().replace(/%.*$/, '')
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`
  if (!isIPv6(address)) return UNKNOWN
  const groups = groupsOf(address)
  const [, , , , , mapped = 0, high = 0, low = 0] = groups
  if (mapped === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return `${high >> 8}.${high & 255}.${low >> 8}.0/24`
  const kept = groups.slice(0, 3).map((group) => group.toString(16))
  while (kept.at(-1) === '0') kept.pop()
  return `${kept.join(':')}::/48`
}

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const text = dotted
    ? `${dotted[1]}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(Number(dotted[4]) * 256 + Number(dotted[5])).toString(16)}`
    : address
  const [before = '', after] = text.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const left = read(before)
  if (after === undefined) return left
  const right = read(after)
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/** The part after the street of `street, postcode city[, region or country]`, without its postcode. */
function cityOf(text: string): string {
  for (const part of text.split(',').slice(1)) {
    const words = part.split(/\s+/).filter((word) => word !== '' && !/\d/.test(word))
    if (words.some((word) => /\p{L}{2}/u.test(word))) return words.join(' ')
  }
  return UNKNOWN
}

/** Half of a postcode's letters and digits, three at most: `10001` → `10`, `SW1A 2AA` → `SW1`. */
function postcodePrefix(text: string): string {
  const compact = text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  if (compact.length < 3 || compact.length > 9 || !/\d/.test(compact)) return UNKNOWN
  return compact.slice(0, Math.min(3, Math.floor(compact.length / 2)))
}

/** The year of an ISO 8601 date. */
const birthYear = (text: string): string => /^(\d{4})-\d{2}-\d{2}/.exec(text.trim())?.[1] ?? UNKNOWN

/** What `keep` leaves of a personal value; `unknown` where the value does not have the expected form. */
export function generalise(keep: NonNullable<Pii['keep']>, plaintext: string): string {
  switch (keep) {
    case 'ip-prefix':
      return ipPrefix(plaintext)
    case 'city':
      return cityOf(plaintext)
    case 'postcode-prefix':
      return postcodePrefix(plaintext)
    case 'birth-year':
      return birthYear(plaintext)
  }
}
