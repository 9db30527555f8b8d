import { processor } from '#engine'
import { maskedPageViews, pageViews } from '#schemas'

/** Page views for everyone: the e-mail a pseudonym, the address of origin its network. */
export default processor('masked-page-views', ({ from }) =>
  from(pageViews).mask({ email: 'emailPseudonym', ip: 'ipPrefix' }).to(maskedPageViews),
)
