import { calendar, processor, sum, table } from '#engine'
import { products, purchaseLines, revenuePerDay } from '#schemas'

/**
 * Another version of `retail-revenue-per-day`, whose state does not fit the first one's: a line counts as many as its
 * quantity. For KAPPA_PROCESSORS.
 */
const changed = processor('retail-revenue-per-day', ({ from }) =>
  from(purchaseLines)
    .join(table(products, { history: '400 days' }), {
      on: ['productId'],
      select: { productDepartment: 'department' },
      kind: 'left',
    })
    .map(
      ['productDepartment'],
      ({ productDepartment }): { department: string } => ({ department: productDepartment ?? 'unknown' }),
      { keep: ['quantity', 'salesValue'] },
    )
    .keyBy('department')
    .window(calendar({ unit: 'day', timeZone: 'America/New_York', grace: '1 day' }))
    .aggregate({ lines: sum('quantity'), units: sum('quantity'), revenue: sum('salesValue') })
    .emit('on-close')
    .to(revenuePerDay),
)

export const processors = [{ plan: changed, doc: 'Retail revenue per department and New York day, lines as units.' }]
