import { achats, type Client, clients } from '#schemas'
import { DAY_MS } from '../../calendar.ts'
import { MARKETS } from '../../shop/markets.ts'
import { eurosOf } from '../euros.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { customerIdOf, type OrderPlan, orderIdOf } from '../orders.ts'
import type { Shopper } from '../population.ts'
import { nameOf } from '../products.ts'
import { dayStartOf } from '../seasons.ts'
import type { Domain } from './domain.ts'

/** The same customers and purchases as the retailer's database has them: two tables, in French. */
export const ventes: Domain = {
  name: 'ventes',
  doc: "the retailer's database: clients and achats, the same people and purchases as elsewhere",
  topics: [clients, achats],

  hour(world, hour) {
    const events = world.newcomersOf(hour).map((shopper) => happening(clients, clientOf(shopper)))
    for (const order of world.orders(hour)) if (order.paid) events.push(...achatsOf(order))
    return inOrder(events)
  },

  *before(world, instant) {
    const rows: WorldEvent[] = []
    for (const market of MARKETS.keys()) {
      const count = world.population.countAt(market, dayStartOf(instant) + DAY_MS)
      for (let number = 0; number < count; number++) {
        const shopper = world.population.shopper(market, number)
        if (shopper.registeredAt < instant) rows.push(happening(clients, clientOf(shopper)))
      }
    }
    yield* inOrder(rows)
  },
}

function clientOf(shopper: Shopper): Client {
  const { name: nom, email } = shopper.visitor.person()
  const { registeredAt: dateInscription, market } = shopper
  return { idClient: customerIdOf(shopper), nom, email, dateInscription, pays: market.country }
}

/** A row a line; together they are what was paid, in euros, to the cent. */
function achatsOf(order: OrderPlan): WorldEvent[] {
  const { buyer, lines, amount, at } = order
  const gross = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * BigInt(quantity), 0n)
  let left = eurosOf(amount, buyer.market)
  return lines.map(({ product, unitPrice, quantity }, i) => {
    const share = (unitPrice * BigInt(quantity) * eurosOf(amount, buyer.market)) / gross
    const montant = i === lines.length - 1 ? left : share
    left -= montant
    return happening(achats, {
      idAchat: `${orderIdOf(order)}-${i + 1}`,
      idClient: customerIdOf(buyer),
      dateAchat: at,
      montant,
      produit: nameOf(product),
    })
  })
}
