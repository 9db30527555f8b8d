// Kappa's browser snippet: <script src="…/kappa.mjs" type="module" data-country="FR" data-consent="true"></script>
// kappa.track('click', { element: 'buy', path: '/p/1' }); kappa.consent(true); kappa.set({ customerId: 'c-1' })
const tag = document.querySelector('script[src*="/kappa.mjs"]')
const base = new URL(import.meta.url)
const url = `${base.origin}/v1/events`
const id = () => crypto.randomUUID()
const keep = (store, name) => {
  try {
    store[name] ||= id()
    return store[name]
  } catch {
    return id()
  }
}
let consent = tag?.dataset.consent === 'true'
let queue = []
let timer
let wait = 2e3
const width = screen.width
const context = {
  country: tag?.dataset.country,
  device: width < 768 ? 'MOBILE' : width < 1024 ? 'TABLET' : 'DESKTOP',
  sessionId: keep(sessionStorage, 'kappa-session'),
}
const named = () => ({ ...context, visitorId: consent ? keep(localStorage, 'kappa-visitor') : context.sessionId })
const body = (events) => JSON.stringify({ sentAt: Date.now(), consent, context: named(), events })
const later = () => {
  if (!timer) timer = setTimeout(send, wait)
}
const send = async () => {
  timer = 0
  const events = queue.splice(0, 50)
  if (!events.length) return
  let again = true
  try {
    const { status } = await fetch(url, { method: 'POST', body: body(events), keepalive: true })
    again = status > 499 || status === 429
  } catch {}
  if (again) queue = events.concat(queue).slice(-500)
  wait = again ? Math.min(wait * 2, 6e4) : 2e3
  if (queue.length) later()
}
const flush = () => {
  while (queue.length && navigator.sendBeacon(url, body(queue.slice(0, 50)))) queue.splice(0, 50)
}
addEventListener('pagehide', flush)
document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush())
globalThis.kappa = {
  track(type, fields) {
    queue.push({ type, eventId: id(), occurredAt: Date.now(), ...fields })
    later()
  },
  set: (fields) => Object.assign(context, fields),
  consent(given) {
    consent = given
    try {
      if (!given) localStorage.removeItem('kappa-visitor')
    } catch {}
  },
}
