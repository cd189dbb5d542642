/**
 * What every back end of the Coordination port must do. Run by coordination.memory.test.ts and coordination.redis.test.ts.
 * `passTime` lets the back end's time go by: at once on a fake clock, really on a server.
 */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Coordination } from '../../dialer/cluster/coordination.ts'

export interface CoordinationUnderTest {
  /** Two processes that share one back end. */
  first: Coordination
  second: Coordination
  passTime(ms: number): Promise<void>
}

export function coordinationContract(name: string, { first, second, passTime }: CoordinationUnderTest) {
  const unique = (what: string) => `${what}-${randomUUID()}`

  t.test(`${name}: a lease has one holder, and a later holder has a larger token`, async (t) => {
    const campaign = unique('campaign')
    const mine = await first.lease(campaign, 60_000)
    t.ok(mine)
    t.equal(await second.lease(campaign, 60_000), undefined, 'refused while held')
    t.equal(await first.lease(campaign, 60_000), undefined, 'refused to the holder too: he renews')
    t.ok(await second.lease(unique('campaign'), 60_000), 'another name is free')
    await mine?.release()
    const theirs = await second.lease(campaign, 60_000)
    t.ok(theirs)
    t.ok((theirs?.token ?? 0) > (mine?.token ?? Infinity), 'fencing token grows')
    t.equal(await mine?.renew(), false, 'released: cannot be renewed')
    await mine?.release()
    t.equal(await theirs?.renew(), true, "a late release does not touch the next holder's lease")
  })

  t.test(`${name}: a lease runs out, and renewing holds it`, async (t) => {
    const campaign = unique('campaign')
    const mine = await first.lease(campaign, 300)
    await passTime(200)
    t.equal(await mine?.renew(), true)
    await passTime(200)
    t.equal(await second.lease(campaign, 300), undefined, 'still held 400 ms on, thanks to the renewal')
    await passTime(350)
    const theirs = await second.lease(campaign, 60_000)
    t.ok(theirs, 'run out')
    t.equal(await mine?.renew(), false, 'a holder that slept learns that it lost the lease')
    t.equal(await theirs?.renew(), true)
  })

  t.test(`${name}: many ask at once, one gets the lease`, async (t) => {
    const campaign = unique('campaign')
    const asked = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? first : second).lease(campaign, 60_000)))
    t.equal(asked.filter(Boolean).length, 1)
  })

  t.test(`${name}: tokens are granted up to the burst and fill again at the rate, for all processes together`, async (t) => {
    const trunk = unique('trunk')
    t.equal(await first.takeTokens(trunk, 10, 5, 3), 3)
    t.equal(await second.takeTokens(trunk, 10, 5, 4), 2, 'what is left')
    t.equal(await first.takeTokens(trunk, 10, 5, 1), 0)
    await passTime(310)
    const refilled = await second.takeTokens(trunk, 10, 5, 10)
    t.ok(refilled >= 3 && refilled <= 5, `10 a second for about 310 ms: ${refilled}`)
    t.equal(await first.takeTokens(unique('trunk'), 10, 5, 10), 5, 'never more than the burst')
    t.equal(await first.takeTokens(unique('trunk'), 10, 5, 0), 0)
    t.equal(await first.takeTokens(unique('trunk'), 10, 5, -3), 0)
  })

  t.test(`${name}: slow rates add up over small sips`, async (t) => {
    const trunk = unique('trunk')
    t.equal(await first.takeTokens(trunk, 4, 1, 1), 1)
    let granted = 0
    for (let i = 0; i < 12; i++) {
      await passTime(50)
      granted += await first.takeTokens(trunk, 4, 1, 1)
    }
    t.ok(granted >= 2 && granted <= 4, `4 a second for 600 ms and more: ${granted}`)
  })
}
