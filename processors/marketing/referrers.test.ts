import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channelOf } from './referrers.ts'

test('what led to a visit is told by the host; an advertisement is told by its click', () => {
  const hosts: readonly (readonly [string | null, ReturnType<typeof channelOf>])[] = [
    [null, 'DIRECT'],
    ['', 'DIRECT'],
    ['search.example', 'ORGANIC_SEARCH'],
    ['WWW.Google.com', 'ORGANIC_SEARCH'],
    ['social.example', 'ORGANIC_SOCIAL'],
    ['m.youtube.com', 'ORGANIC_SOCIAL'],
    ['ads.example', undefined],
    ['ad.doubleclick.net', undefined],
    ['news.example', 'REFERRAL'],
    ['research.example', 'REFERRAL'],
    ['leads.example', 'REFERRAL'],
  ]
  for (const [host, channel] of hosts) assert.equal(channelOf(host), channel, String(host))
})
