import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tableFromIPC } from '@uwdata/flechette'
import { KappaError } from '#engine/errors'
import { readMarts } from '../../marts/index.ts'
import { achat, world } from './api-fixture.ts'

interface Problem {
  readonly type: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly { readonly field: string; readonly reason: string }[]
}
interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

test('whatever is wrong with a request is a problem that names the field', async () => {
  await using api = await world()
  api.store.rows.set('gold.fact_achats', [achat(1)])
  const cases: [string, Record<string, string>, number, string, RegExp][] = [
    ['/achats?colour=red', {}, 400, 'colour', /no parameter/],
    ['/achats?jour=2026-13-01', {}, 400, 'jour', /not a day/],
    ['/achats?jour_from=yesterday', {}, 400, 'jour_from', /not a day/],
    ['/achats?date_achat_from=2026-01-01T25:00:00Z', {}, 400, 'date_achat_from', /instant/],
    ['/achats?montant_min=1e3', {}, 400, 'montant_min', /not a number/],
    ['/achats?montant_min=1&montant_min=2', {}, 400, 'montant_min', /more than once/],
    ['/achats?est_negatif=maybe', {}, 400, 'est_negatif', /true nor false/],
    ['/achats?copies=1.5', {}, 400, 'copies', /whole/],
    ['/achats?id_client=', {}, 400, 'id_client', /empty/],
    ['/achats?limit=0', {}, 400, 'limit', /below 1/],
    ['/achats?limit=5001', {}, 400, 'limit', /above 5000/],
    ['/achats?limit=x', {}, 400, 'limit', /whole/],
    ['/achats?order=up', {}, 400, 'order', /asc/],
    ['/achats?cursor=!!!', {}, 400, 'cursor', /given out/],
    ['/achats?format=xml', {}, 400, 'format', /csv/],
    ['/achats', { accept: 'image/png' }, 406, 'Accept', /application\/json/],
    ['/achats', { authorization: 'Basic eA==' }, 401, 'Authorization', /missing/],
    ['/achats', { authorization: `Bearer kappa_0123456789ab_${'x'.repeat(43)}` }, 401, 'Authorization', /not known/],
    ['/clients/C-404', {}, 404, 'id', /no customer/],
    [`/clients/${'x'.repeat(201)}`, {}, 400, 'id', /longer/],
    ['/products?price_min=cheap', {}, 400, 'price_min', /price/],
    ['/live?result=weather', {}, 400, 'result', /revenue-per-minute/],
    ['/nowhere', {}, 404, '', /openapi/],
  ]
  for (const [url, headers, status, field, reason] of cases) {
    const response = await api.get(url, headers)
    assert.equal(response.statusCode, status, url)
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/, url)
    const problem = response.json<Problem>()
    assert.equal(problem.status, status, url)
    assert.match(problem.detail, reason, url)
    if (field !== '')
      assert.deepEqual(
        problem.errors?.map((one) => one.field),
        [field],
        url,
      )
  }
  const several = (await api.get('/achats?limit=0&jour=x')).json<Problem>()
  assert.deepEqual(several.errors?.map(({ field }) => field).sort(), ['jour', 'limit'])
  const post = await api.app.inject({ method: 'POST', url: '/achats' })
  assert.deepEqual([post.statusCode, post.headers.allow], [405, 'GET, HEAD'])
  assert.deepEqual(api.failures, [])
})

test('pages hold every row once, in order, whichever way and however small', async () => {
  await using api = await world()
  const all = Array.from({ length: 57 }, (_, n) => achat(n))
  api.store.rows.set('gold.fact_achats', all)
  for (const order of ['asc', 'desc'])
    for (const limit of [1, 10, 57, 100]) {
      const seen: unknown[] = []
      let url: string | undefined = `/achats?id_client=C-1&id_client=C-2&order=${order}&limit=${limit}`
      while (url !== undefined) {
        const response = await api.get(url)
        assert.equal(response.statusCode, 200, response.body)
        const { data, next } = response.json<Page>()
        assert.ok(data.length <= limit)
        seen.push(...data.map((row) => row.id_achat))
        const link = /^<(.+)>; rel="next"$/.exec(String(response.headers.link ?? ''))?.[1]
        assert.equal(link === undefined, next === null)
        url = link
      }
      const wanted = all
        .filter(({ id_client }) => id_client !== 'C-0')
        .sort((a, b) => (`${a.jour}${a.id_achat}` < `${b.jour}${b.id_achat}` ? -1 : 1))
        .map(({ id_achat }) => id_achat)
      assert.deepEqual(seen, order === 'asc' ? wanted : wanted.reverse(), `${order} ${limit}`)
    }
})

test('a cursor of another question, or one that was tampered with, is refused', async () => {
  await using api = await world()
  api.store.rows.set('gold.fact_achats', [achat(1), achat(2), achat(3)])
  const { next } = (await api.get('/achats?limit=1')).json<Page>()
  assert.ok(next)
  assert.equal((await api.get(`/achats?limit=2&cursor=${next}`)).statusCode, 200)
  for (const url of [
    `/achats?id_client=C-1&cursor=${next}`,
    `/achats?order=asc&cursor=${next}`,
    `/clients?cursor=${next}`,
  ]) {
    const response = await api.get(url)
    assert.equal(response.statusCode, 400, url)
    assert.match(response.json<Problem>().detail, /cursor belongs/)
  }
  const { of } = JSON.parse(Buffer.from(next, 'base64url').toString()) as { readonly of: string }
  for (const at of [['x', 'y'], ['2026-01-01'], [1, 2], []]) {
    const forged = Buffer.from(JSON.stringify({ of, at })).toString('base64url')
    assert.equal((await api.get(`/achats?cursor=${forged}`)).statusCode, 400, JSON.stringify(at))
  }
})

test('an ETag holds until something was written, and is another for another question or format', async () => {
  await using api = await world()
  api.store.rows.set('gold.fact_achats', [achat(1)])
  const first = await api.get('/achats')
  const etag = String(first.headers.etag)
  assert.match(etag, /^"[\w-]{22}"$/)
  assert.equal(first.headers['cache-control'], 'private, no-cache')
  for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await api.get('/achats', { 'if-none-match': condition })
    assert.deepEqual([again.statusCode, again.body, again.headers.etag], [304, '', etag], condition)
  }
  const questions = ['/achats?limit=10', '/achats?format=csv', '/achats?id_client=C-1', '/clients']
  for (const url of questions) assert.notEqual((await api.get(url)).headers.etag, etag, url)
  assert.equal((await api.get('/achats', { accept: 'text/csv', 'if-none-match': etag })).statusCode, 200)

  const before = api.store.asked.length
  await api.get('/achats')
  assert.equal(api.store.asked.length, before, 'nothing changed, so nothing is asked again')
  api.store.version++
  api.store.rows.set('gold.fact_achats', [achat(1), achat(2)])
  // Versions are looked up again in the background when they are a second old.
  await new Promise((resolve) => setTimeout(resolve, 1_050))
  await api.get('/achats', { 'if-none-match': etag })
  await new Promise((resolve) => setTimeout(resolve, 20))
  const after = await api.get('/achats', { 'if-none-match': etag })
  assert.equal(after.statusCode, 200)
  assert.equal(after.json<Page>().data.length, 2)
  assert.notEqual(after.headers.etag, etag)
})

test('HEAD says what GET would', async () => {
  await using api = await world()
  api.store.rows.set('gold.fact_achats', [achat(1)])
  const get = await api.get('/achats')
  const { authorization = '' } = { authorization: `Bearer ${api.token('customers')}` }
  const head = await api.app.inject({ method: 'HEAD', url: '/achats', headers: { authorization } })
  assert.deepEqual([head.statusCode, head.body, head.headers.etag], [200, '', get.headers.etag])
})

test('rows are the same as JSON, CSV and Arrow, to the cent', async () => {
  await using api = await world()
  const rows = [achat(1), achat(2, { montant: '-12345678901234.56', est_negatif: true }), achat(3)]
  api.store.rows.set('gold.fact_achats', rows)
  const { data } = (await api.get('/achats?order=asc')).json<Page>()
  const csv = await api.get('/achats?order=asc', { accept: 'text/csv;q=0.9, application/json;q=0.1' })
  assert.match(String(csv.headers['content-type']), /^text\/csv/)
  const [header, ...lines] = csv.body.trimEnd().split('\r\n')
  assert.equal(header, 'id_achat,id_commande,id_client,produit,date_achat,jour,montant,est_negatif,copies')
  assert.equal(
    lines[1],
    'A-0002-1,A-0002,C-2,"Lampe, ""grande""",2026-01-03T10:00:00.000Z,2026-01-03,-12345678901234.56,true,1',
  )
  assert.equal(lines.length, data.length)
  const arrow = await api.get('/achats?order=asc&format=arrow')
  assert.equal(arrow.headers['content-type'], 'application/vnd.apache.arrow.stream')
  const table = tableFromIPC(arrow.rawPayload, { useDecimalInt: true, useDate: true, useBigInt: true })
  assert.deepEqual(
    table.toArray().map((row: Readonly<Record<string, unknown>>) => ({ ...row })),
    data.map((row) => ({
      ...row,
      date_achat: new Date(String(row.date_achat)),
      jour: new Date(String(row.jour)),
      montant: BigInt(String(row.montant).replace('.', '')),
      copies: BigInt(Number(row.copies)),
    })),
  )
  const none = await api.get('/achats?id_client=nobody&format=arrow')
  assert.equal(tableFromIPC(none.rawPayload).numRows, 0)
})

test('a token reads what its scopes say, until it is revoked or has expired; what is kept is a hash', async () => {
  const refusals: unknown[] = []
  await using api = await world({
    onRefused: ({ tokenId, name, reason, path }) => refusals.push([tokenId, name, reason, path]),
  })
  api.store.rows.set('gold.fact_achats', [achat(1)])
  const as = (token: string, url: string) => api.get(url, { authorization: `Bearer ${token}` })
  const token = api.token('figures')
  const refused = await as(token, '/achats')
  assert.equal(refused.statusCode, 403)
  assert.match(String(refused.headers['www-authenticate']), /insufficient_scope.*scope="customers"/)
  assert.equal((await as(token, '/gold/kpi_synthese')).statusCode, 200)
  assert.equal((await as(token, '/gold/kpi_clv')).statusCode, 403, 'rows of single customers')
  const stored = readFileSync(join(api.folder, 'api', 'tokens.json'), 'utf8')
  assert.ok(!stored.includes(token.split('_')[2] ?? 'x'))
  assert.equal(statSync(join(api.folder, 'api', 'tokens.json')).mode & 0o777, 0o600)
  const brief = api.tokens.create({ name: 'brief', scopes: ['customers'], lifetimeMs: -1 })
  assert.equal((await as(brief, '/achats')).statusCode, 401)
  assert.ok(api.tokens.revoke(token.split('_')[1] ?? ''))
  assert.equal((await as(token, '/gold/kpi_synthese')).statusCode, 401)
  assert.equal(api.tokens.revoke('000000000000'), false)
  assert.equal((await as('guessed', '/achats')).statusCode, 401)
  assert.equal((await api.get('/achats', { authorization: '' })).statusCode, 401)
  const [id, briefId] = [token, brief].map((one) => one.split('_')[1])
  assert.deepEqual(refusals, [
    [id, 'some', 'scope', '/achats'],
    [id, 'some', 'scope', '/gold/kpi_clv'],
    [briefId, 'brief', 'expired', '/achats'],
    [id, undefined, 'unknown', '/gold/kpi_synthese'],
    [undefined, undefined, 'unknown', '/achats'],
  ])
})

test('a customer is one document', async () => {
  await using api = await world()
  const client = { id_client: 'C-1', connu: true, pays: 'FR', nb_achats: 3, email_pseudonyme: 'secret' }
  api.store.rows.set('gold.dim_clients', [client, { ...client, id_client: 'C-2' }])
  api.store.rows.set('gold.fact_achats', [
    achat(1),
    achat(4, { id_commande: 'A-0001', jour: '2026-01-02' }),
    achat(7),
    achat(2),
  ])
  api.store.rows.set('gold.dim_rfm', [{ id_client: 'C-1', segment: 'Champions' }])
  api.store.rows.set('gold.fact_ca_jour', [{ jour: '2026-01-01', complete_until: '2026-01-20T10:00:00.000Z' }])
  const response = await api.get('/clients/C-1')
  assert.equal(response.statusCode, 200, response.body)
  const body = response.json<{
    readonly client: Record<string, unknown>
    readonly commandes: readonly { readonly id_commande: string; readonly lignes: readonly unknown[] }[]
    readonly kpis: unknown
    readonly rfm: Record<string, unknown>
  }>()
  assert.equal(body.client.pays, 'FR')
  assert.deepEqual(
    body.commandes.map(({ id_commande, lignes }) => [id_commande, lignes.length]),
    [
      ['A-0007', 1],
      ['A-0001', 2],
    ],
  )
  assert.deepEqual([body.kpis, body.rfm.segment], [null, 'Champions'])
  assert.equal(response.headers['kappa-complete-until'], '2026-01-20T10:00:00.000Z')
  assert.ok(!response.body.includes('secret'), 'a pseudonym is personal')
})

test('what is not there, or away, is a 503 that says so; nothing of the cause gets out', async () => {
  await using api = await world()
  api.store.missing.add('gold.fact_achats')
  const missing = await api.get('/achats')
  assert.equal(missing.statusCode, 503)
  assert.match(missing.json<Problem>().detail, /no gold\.fact_achats yet \(kappa marts build\)/)
  assert.equal(missing.headers['retry-after'], '60')
  await using other = await world()
  other.store.away = new KappaError('SERVICE_UNAVAILABLE', 'asking 10.0.0.7', { retriable: true })
  const away = await other.get('/achats')
  assert.equal(away.statusCode, 503)
  assert.ok(!away.body.includes('10.0.0.7'))
  other.store.away = new KappaError('STORE', 'reading gold.secret')
  const broken = await other.get('/achats')
  assert.equal(broken.statusCode, 500)
  assert.ok(!broken.body.includes('secret'))
  assert.equal(other.failures.length, 2)
})

test('pages of other sites read nothing, unless they are named', async () => {
  const origin = 'https://dashboard.example'
  await using closed = await world()
  const asked = await closed.get('/gold', { origin })
  assert.equal(asked.headers['access-control-allow-origin'], undefined)
  await using open = await world({ origins: [origin] })
  const allowed = await open.get('/gold', { origin })
  assert.equal(allowed.headers['access-control-allow-origin'], origin)
  assert.match(String(allowed.headers.vary), /Origin/)
  assert.equal(
    (await open.get('/gold', { origin: 'https://other.example' })).headers['access-control-allow-origin'],
    undefined,
  )
  const preflight = await open.app.inject({ method: 'OPTIONS', url: '/achats', headers: { origin } })
  assert.equal(preflight.statusCode, 204)
  assert.match(String(preflight.headers['access-control-allow-headers']), /authorization/)
})

test('no personal column of any mart is in the document or can be asked for', async () => {
  await using api = await world()
  const personal = readMarts('Europe/Paris').flatMap(({ columns }) => columns.filter(({ pii }) => pii))
  assert.ok(personal.length > 0)
  const document = (await api.app.inject('/openapi.json')).body
  for (const { name, english } of personal) {
    assert.ok(!document.includes(name), name)
    assert.ok(!document.includes(english), english)
    assert.equal((await api.get(`/clients?${name}=x`)).statusCode, 400)
  }
})

test('the document names every route, parameter and answer; the page is served from here', async () => {
  await using api = await world()
  const document = (await api.app.inject('/openapi.json')).json<{
    readonly openapi: string
    readonly paths: Readonly<
      Record<
        string,
        { readonly get: { readonly parameters: readonly { readonly name: string; readonly required: boolean }[] } }
      >
    >
  }>()
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(
    Object.keys(document.paths),
    api.routes.map(({ path }) => path),
  )
  const achats = document.paths['/achats']?.get.parameters ?? []
  for (const name of ['id_client', 'jour_from', 'montant_min', 'limit', 'cursor', 'format', 'order'])
    assert.equal(achats.find((one) => one.name === name)?.required, false, name)
  assert.equal(document.paths['/clients/{id}']?.get.parameters[0]?.required, true)
  const page = await api.app.inject('/docs')
  assert.equal(page.statusCode, 200)
  const elsewhere = /(src|href)="https?:/.exec(page.body)
  assert.equal(elsewhere, null)
  assert.match(String(page.headers['content-security-policy']), /default-src 'self'/)
})
