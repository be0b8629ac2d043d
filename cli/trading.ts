import { basename } from 'node:path'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { VenueGateway } from '#engine/gateways/venue-gateway.js'
import { Refusal, type Call } from './command.js'
import { gatewayOf, leaseOf, openAccount, requireReady, type LiveAccount } from './live-account.js'
import { venueUrls } from './venue-options.js'
import type { RunPlan } from './start-run.js'

/** The way to the venue of a run that trades real money. */
export interface Trading {
  readonly venue: VenueGateway
  readonly account: LiveAccount
  readonly close: () => Promise<void>
}

/** Opens the account, takes its lease and looks at what must hold before the first order. Refuses where anything of it does not. */
export async function openTrading(
  plan: RunPlan,
  { clock, call }: { clock: WallClock; call: Call },
): Promise<Trading> {
  const { config, dir, durability } = plan
  if (durability !== 'commit')
    throw new Refusal(
      'durability',
      `durability is ${durability}`,
      '--durability',
      'commit: an order leaves only when its decision is on disk',
    )
  if (config.risk.global_exposure_max_micro === 0)
    throw new Refusal(
      'no-cap',
      'there is no limit to what may be at risk',
      'risk.global_exposure_max_micro',
      'the most that all positions and orders may cost, 1e-6 $',
    )
  const urls = venueUrls(call.values, config)
  const opened = await openAccount(config, urls)
  const { account, signer } = opened
  const release = await leaseOf(account)
  try {
    await requireReady(config, urls)
  } catch (error) {
    await release()
    throw error
  }
  call.note(
    `trading the account ${account.maker} at ${urls.clob}, signed by ${signer.address} (${signer.backend})`,
  )
  const venue = gatewayOf(opened, { config, urls, clock, run: basename(dir) })
  return {
    venue,
    account: opened,
    close: async () => {
      await venue.close()
      signer.close()
      await release()
    },
  }
}
