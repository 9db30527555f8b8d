import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import { MARKETS } from './markets.ts'
import { visitorOf } from './people.ts'

test('people have names as they write them: none is UTF-8 that was read as Latin-1', () => {
  const [dutch] = MARKETS.filter(({ country }) => country === 'NL')
  assert.ok(dutch)
  assert.equal(visitorOf('1-nl-4q', dutch, 1).person().name, 'Ömer van der Heijden')
  for (const market of MARKETS)
    for (let n = 0; n < 300; n++) {
      const { name, address } = visitorOf(`1-${market.country.toLowerCase()}-${n.toString(36)}`, market, 1).person()
      for (const text of [name, address]) {
        const isLatin = !/[^\x20-\xff]/.test(text) && /[\x80-\xff]/.test(text)
        assert.ok(!isLatin || !isUtf8(Buffer.from(text, 'latin1')), text)
      }
    }
})
