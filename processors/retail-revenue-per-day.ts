import { calendar, count, processor, sum, table } from '#engine'
import { products, purchaseLines, revenuePerDay } from '#schemas'

/** Where a product, or its department, is not known. */
const UNKNOWN = 'unknown'

/** Revenue, lines and units per department, for each calendar day of the stores. */
export default processor('retail-revenue-per-day', ({ from }) =>
  from(purchaseLines)
    .join(table(products, { history: '400 days' }), {
      on: ['productId'],
      select: { productDepartment: 'department' },
      kind: 'left',
    })
    .map(
      ['productDepartment'],
      ({ productDepartment }): { department: string } => ({ department: productDepartment ?? UNKNOWN }),
      { keep: ['quantity', 'salesValue'] },
    )
    .keyBy('department')
    .window(calendar({ unit: 'day', timeZone: 'America/New_York', grace: '1 day' }))
    .aggregate({ lines: count(), units: sum('quantity'), revenue: sum('salesValue') })
    .emit('on-close')
    .to(revenuePerDay),
)
