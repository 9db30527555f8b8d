import { createServer, type ServerResponse } from 'node:http'

/** A product as the shop's pages show it. */
export interface Shown {
  readonly id: string
  readonly name: string
  /** As it stands there: `1 234,50 €`. */
  readonly price: string
  readonly changedAt: string
}

export interface ShopPage {
  readonly items: readonly Shown[]
  /** Address of the next page. */
  readonly next?: string
}

export interface Shop {
  readonly url: string
  /** Pages that were asked for, in order. */
  readonly asked: readonly { readonly path: string; readonly at: number; readonly agent: string }[]
  /** What pages are like from now on. */
  layout: 'first' | 'renamed' | 'never-ending'
  robots: { readonly status?: number; readonly text?: string }
  /** Answered in place of the next page. */
  readonly trouble: { status: number; headers?: Record<string, string> }[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Everything that is to be read is written by the page's script, from what it asks the server for. */
const script = `
  const { items, next, layout } = await (await fetch('/data' + location.pathname + location.search)).json()
  if (layout === 'never-ending') for (;;) {}
  const list = document.querySelector('main')
  for (const { id, name, price, changedAt } of items) {
    const item = document.createElement('article')
    item.setAttribute(layout === 'renamed' ? 'data-sku' : 'data-product', id)
    item.setAttribute('data-warehouse', 'Lille')
    item.innerHTML = '<h2 class="name"></h2><p class="category">lamps</p><p>now <b class="price"></b></p>' +
      '<p class="cost">8,10 €</p><time></time>'
    item.querySelector('.name').textContent = name
    if (price === '') item.querySelector('.price').remove()
    else item.querySelector('.price').textContent = price
    item.querySelector('time').setAttribute('datetime', changedAt)
    list.append(item)
    if (id.endsWith('0')) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  if (items.length === 0) list.innerHTML = '<p class="no-products">nothing here</p>'
  if (next) list.insertAdjacentHTML('afterend', '<a rel="next" href="' + next + '">more</a>')
`

/** A shop on a free port of this machine; `page` says what is on which of its pages. */
export async function shop(page: (url: URL) => ShopPage): Promise<Shop> {
  const asked: { path: string; at: number; agent: string }[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop')
    if (url.pathname === '/robots.txt') {
      const { status = 200, text = 'User-agent: *\nDisallow: /private' } = self.robots
      send(response, status, 'text/plain', text)
    } else if (url.pathname === '/favicon.ico') {
      // The browser asks for it by itself, at a time of its own.
      send(response, 404, 'text/plain', 'none')
    } else if (url.pathname.startsWith('/data/')) {
      const shown = new URL(`${url.pathname.slice('/data'.length)}${url.search}`, url)
      send(response, 200, 'application/json', JSON.stringify({ ...page(shown), layout: self.layout }))
    } else {
      asked.push({
        path: `${url.pathname}${url.search}`,
        at: performance.now(),
        agent: request.headers['user-agent'] ?? '',
      })
      const trouble = self.trouble.shift()
      if (trouble !== undefined) send(response, trouble.status, 'text/plain', 'trouble', trouble.headers)
      else {
        const html = `<!doctype html><meta charset="utf-8"><header>by <span class="supplier">Lumen</span></header><main></main>`
        send(response, 200, 'text/html', `${html}<script type="module">${script}</script>`)
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const self: Shop = {
    url: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    asked,
    layout: 'first',
    robots: {},
    trouble: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

function send(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(body)
}

export const shown = (number: number, change: Partial<Shown> = {}): Shown => ({
  ...{ id: `p-${number}`, name: `Lamp ${number}`, price: '1 019,90 €', changedAt: '2026-03-01T08:00:00Z' },
  ...change,
})

/** Pages one behind the other, by links. */
export const linked =
  (...pages: readonly (readonly Shown[])[]) =>
  ({ searchParams }: URL): ShopPage => {
    const number = Number(searchParams.get('page') ?? '1')
    return {
      items: pages[number - 1] ?? [],
      ...(number < pages.length ? { next: `/products?page=${number + 1}` } : {}),
    }
  }
