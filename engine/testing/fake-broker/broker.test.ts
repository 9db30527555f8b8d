import { brokerContract } from '../broker-contract.ts'
import { fakeBroker } from './broker.ts'

brokerContract('fake', async () => fakeBroker({ seed: 7 }), 'contract')
