import { processor } from '#engine'
import { adClicks, visitorClicks } from '#schemas'

/** Clicks on advertisements by visitor: networks tell them by campaign, and what follows a click is known by visitor. */
export default processor('visitor-clicks', ({ from }) => from(adClicks).to(visitorClicks))
