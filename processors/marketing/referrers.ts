import type { TouchChannel } from '#schemas'

/**
 * Hosts by the words in their names: `search.example` and `www.google.com` are search engines. Visits that come from an
 * advertising network are told by the click that led to them, and are no touch of their own.
 */
const HOSTS: readonly (readonly [RegExp, TouchChannel | 'ADVERTISING'])[] = [
  [/(^|\.)(ads?|adserver|doubleclick|googleadservices)\./, 'ADVERTISING'],
  [/(^|\.)(search|google|bing|duckduckgo|ecosia|qwant|yahoo)\./, 'ORGANIC_SEARCH'],
  [/(^|\.)(social|instagram|tiktok|youtube|facebook|pinterest)\./, 'ORGANIC_SOCIAL'],
]

/** What led to a visit, by the host that its first page names; undefined: an advertisement, whose click is known. */
export function channelOf(referrer: string | null): TouchChannel | undefined {
  if (referrer === null || referrer === '') return 'DIRECT'
  const [, channel] = HOSTS.find(([host]) => host.test(referrer.toLowerCase())) ?? [undefined, 'REFERRAL' as const]
  return channel === 'ADVERTISING' ? undefined : channel
}
