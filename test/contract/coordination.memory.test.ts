import { createMemoryCoordination } from '../../dialer/cluster/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { coordinationContract } from './coordination.ts'

const clock = createFakeClock()
const memory = createMemoryCoordination(clock)
coordinationContract('memory', { first: memory, second: memory, passTime: async (ms) => clock.advance(ms) })
