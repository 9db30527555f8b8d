import { brokerContract } from '../broker-contract.ts'
import { fakeBroker } from './broker.ts'

brokerContract('fake', async () => fakeBroker({ seed: 7 }), 'contract')
brokerContract('fake with late markers', async () => fakeBroker({ seed: 7, lateMarkers: true }), 'contract')
