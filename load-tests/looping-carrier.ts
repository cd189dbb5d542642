/**
 * A carrier that brings calls to our own numbers back to us, as the real one does, with the number shown; the engine ends both
 * sides. Nobody else is behind it. Proves inbound routes (dialer/caller-id/route-test.ts) before the carrier with the callees
 * takes its port.
 */
import { createPhone, type Phone } from './phone.ts'

/** `engine`: where the switch takes calls from its trunks. */
export async function startLoopingCarrier(port: number, engine: { host: string; port: number }): Promise<Phone> {
  const phone = await createPhone({
    ...{ port, account: 'carrier', registrar: engine },
    onCall(call) {
      call.ring()
      void phone.call(call.called, call.caller)
    },
  })
  return phone
}
