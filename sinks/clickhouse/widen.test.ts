import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseType, widens } from './widen.ts'

const cases: readonly [string, string, boolean][] = [
  ['Int32', 'Nullable(Int64)', true],
  ['Nullable(Int32)', 'Int32', false],
  ['Float32', 'Float64', true],
  ['Decimal(18, 2)', 'Decimal(20, 2)', true],
  ['Decimal(18, 2)', 'Decimal(20, 3)', false],
  ['Decimal(18, 2)', 'Decimal(16, 2)', false],
  ["DateTime64(3, 'UTC')", "DateTime64(6, 'UTC')", false],
  ["DateTime64(3, 'UTC')", "Nullable(DateTime64(3, 'UTC'))", true],
  ['LowCardinality(String)', 'LowCardinality(Nullable(String))', true],
  ['FixedString(4)', 'FixedString(5)', false],
  ['String', 'Array(String)', false],
  ['Array(Int32)', 'Array(Nullable(Int64))', true],
  ['Map(String, Int32)', 'Map(String, Int64)', true],
  ['Tuple(a String)', 'Tuple(`a` String,\n    b Nullable(Int32))', true],
  ['Tuple(a String)', 'Tuple(b Array(Int32), a String)', true],
  ['Tuple(a String)', 'Tuple(a String, b Int32)', false],
  ['Tuple(a String, b Int32)', 'Tuple(a String)', false],
  // A record that becomes nullable: older rows would read as absent.
  ['Tuple(a String)', 'Tuple(_present Bool, a Nullable(String))', false],
  ['Array(String)', 'Tuple(_present Bool, _value Array(String))', false],
  ['Tuple(a Tuple(b Int32))', 'Tuple(a Tuple(b Int64), c Tuple(_present Bool, d Nullable(String)))', true],
  [
    'Tuple(_type LowCardinality(String), long Nullable(Int64))',
    'Tuple(_type LowCardinality(String), long Nullable(Int64), boolean Nullable(Bool))',
    true,
  ],
]

for (const [from, to, may] of cases)
  test(`${from} ${may ? 'may become' : 'never becomes'} ${to.replace(/\s+/g, ' ')}`, () => {
    assert.equal(widens(parseType(from), parseType(to)), may)
  })
