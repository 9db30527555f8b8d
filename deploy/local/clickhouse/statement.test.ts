import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { databaseError, httpStatus } from './errors.ts'
import { tokens } from './lexer.ts'
import { identifier, stringLiteral } from './literal.ts'
import { checkReader } from './reader.ts'
import { firstWord, parseStatement } from './statement.ts'

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

test('whatever a literal holds, it lexes as one string, and a name as one name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const [literal, ...more] = [...tokens(latin1(stringLiteral(value)))]
      assert.equal(literal?.kind, 'string')
      const [name, ...others] = [...tokens(latin1(identifier(value)))]
      assert.equal(name?.kind, 'quotedName')
      assert.deepEqual([more, others], [[], []])
    }),
  )
})

test('comments, quotes and here-documents hide what is in them', () => {
  const text = latin1("SELECT 'a;b''c\\'' /* ; /* ; */ ; */, `;`, \";\", $x$;$x$, ‘;’ -- ;\n# ;\n FROM t")
  assert.ok(![...tokens(text)].some((token) => token.text === ';'))
  assert.equal(parseStatement(text).kind, 'read')
  assert.equal(firstWord('/* x */ -- y\n (( select 1))'), 'SELECT')
})

test('the FORMAT clause is found where it is one', () => {
  const cases: [string, string | undefined][] = [
    ['SELECT 1', undefined],
    ['SELECT 1 FORMAT JSON', 'JSON'],
    ['SELECT 1 format `CSV`;', 'CSV'],
    ['SELECT 1 FORMAT JSON SETTINGS max_threads = 1 -- end', 'JSON'],
    ["SELECT ' FORMAT JSON'", undefined],
    ['SELECT * FROM (SELECT 1 FORMAT JSON)', undefined],
    ['SELECT 1 AS format', undefined],
    ['SELECT format FROM t', undefined],
  ]
  for (const [sql, format] of cases) {
    const statement = parseStatement(sql)
    assert.equal(statement.kind, 'read')
    if (statement.kind === 'read') assert.equal(statement.format, format, sql)
  }
})

test('an INSERT is cut where its data begins', () => {
  const cases: [string, string, string, string][] = [
    ['INSERT INTO t FORMAT CSV\n1,2', 'INSERT INTO t ', 'CSV', '1,2'],
    [
      'INSERT INTO TABLE d.t (a, b) SETTINGS x = 1 FORMAT RowBinary \r\n\n\0',
      'INSERT INTO TABLE d.t (a, b) ',
      'RowBinary',
      '\n\0',
    ],
    ['insert into values.format values (1), (2)', 'insert into values.format ', 'Values', ' (1), (2)'],
    [
      "INSERT INTO FUNCTION file('x', 'CSV') (a) VALUES(1)",
      "INSERT INTO FUNCTION file('x', 'CSV') (a) ",
      'Values',
      '(1)',
    ],
    ['INSERT INTO t (* EXCEPT(b)) FORMAT Native\nFORMAT', 'INSERT INTO t (* EXCEPT(b)) ', 'Native', 'FORMAT'],
  ]
  for (const [sql, head, format, data] of cases) {
    const statement = parseStatement(sql)
    assert.equal(statement.kind, 'insert', sql)
    if (statement.kind !== 'insert') continue
    assert.deepEqual([statement.head, statement.format, sql.slice(statement.dataAt)], [head, format, data])
  }
  assert.equal(parseStatement('INSERT INTO t SELECT 1 FORMAT Null').kind, 'other')
  const input = parseStatement("INSERT INTO t SELECT a FROM input('a Int8') WHERE a > 1 FORMAT TSV\n1")
  assert.deepEqual(input.kind === 'insert' && [input.head, input.input, input.tail], [
    'INSERT INTO t SELECT a FROM ',
    "'a Int8'",
    ' WHERE a > 1 ',
  ])
})

test('several statements, files of the server and empty text are refused', () => {
  const refused = (sql: string, code: number) =>
    assert.throws(() => parseStatement(sql), { name: 'DatabaseError', code }, sql)
  refused('SELECT 1; SELECT 2', 62)
  refused('DROP TABLE a; DROP TABLE b', 62)
  refused("SELECT 1 INTO /* x */ OUTFILE 'a'", 358)
  refused("INSERT INTO t FROM INFILE 'a' FORMAT CSV", 78)
  refused('', 62)
  refused('-- nothing', 62)
  assert.equal(parseStatement('SELECT 1 ;; ').kind, 'read')
})

test('a reader may not write or reach outside, however it is spelt', () => {
  const refused = (sql: string, code: number, settings: string[] = [], parameters: string[] = []) =>
    assert.throws(() => checkReader(latin1(sql), settings, parameters), { name: 'DatabaseError', code }, sql)
  for (const sql of ['INSERT INTO t VALUES (1)', '/**/ drop table t', 'SET ROLE writer', 'KILL QUERY WHERE 1', 'USE x'])
    refused(sql, 164)
  refused("SELECT 1 INTO OUTFILE 'a'", 164)
  for (const sql of [
    "SELECT file('/a')",
    "SELECT `file` /* */ ('/a')",
    "SELECT `\\x66ile`('/a')",
    "SELECT arrayMap(file, ['/a'])",
    'SELECT * APPLY(file) FROM t',
    "SELECT * FROM eval('SELECT 1')",
    "SELECT 1 SETTINGS additional_result_filter = 'file(1)'",
  ])
    refused(sql, 497)
  refused('SELECT 1', 497, ['dialect'])
  refused('SELECT arrayMap({f:Identifier}, [1])', 497, [], ['file'])
  checkReader("SELECT t.file, 'file' FROM t", ['max_threads'], ['x'])
})

test("the engine's errors keep their code and lose what is ours", () => {
  const error = databaseError(
    new Error(
      'Code: 27. DB::Exception: Code: 27. DB::Exception: Cannot parse: (at row 2)\n: (in file/uri /x/body-1): While executing File: data for INSERT was parsed from file. (CANNOT_PARSE) (version 26.7.2.1). (CANNOT_PARSE)',
    ),
  )
  assert.equal(
    error.text('1.2'),
    'Code: 27. DB::Exception: Cannot parse: (at row 2)\n: While executing File. (CANNOT_PARSE) (version 1.2 (official build))\n',
  )
  assert.deepEqual([60, 62, 516, 241].map(httpStatus), [404, 400, 403, 500])
})
