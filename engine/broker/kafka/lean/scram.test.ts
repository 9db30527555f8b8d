import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientFinal, clientFirst, verifyServer } from './scram.ts'

// The exchange of RFC 7677, section 3.
const first = clientFirst('user', 'rOprNGfwEbeRWgbNEkqO')
const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const challenge = `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`

test('the exchange of RFC 7677', () => {
  assert.equal(first.message, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
  const final = clientFinal('sha256', first, challenge, 'pencil')
  assert.equal(final?.message, `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
  assert.ok(final && verifyServer(final, 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))
  assert.equal(verifyServer(final, 'v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='), false)
  assert.equal(verifyServer(final, 'e=invalid-proof'), false)
})

test('a challenge to another client, too few rounds, or nonsense is not answered', () => {
  for (const wrong of [
    challenge.replace('rOpr', 'xOpr'),
    challenge.replace('4096', '1'),
    challenge.replace('4096', '99999999'),
    challenge.replace(nonce, first.nonce),
    'e=other-error',
    '',
  ])
    assert.equal(clientFinal('sha256', first, wrong, 'pencil'), undefined, wrong)
})

test('names with the separators in them are escaped', () => {
  assert.equal(clientFirst('a=b,c', 'n').message, 'n,,n=a=3Db=2Cc,r=n')
})
