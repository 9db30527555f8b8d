export { brokerContract } from './broker-contract.ts'
export { type FakeBroker, fakeBroker } from './fake-broker/broker.ts'
