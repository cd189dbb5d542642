/** Calls to us as the API shows them. Reads only; these answers hold personal data. */
import type { Pool } from '../storage/database.ts'
import { type InboundLine, listInboundCalls } from './inbound-store.ts'

export interface InboundDesk {
  /** Newest first; `before`: the arrival of the last one on the page before. */
  list(query: { campaignId: string | null; contactId: number | null; before: Date | null; limit: number }): Promise<InboundLine[]>
}

export const createInboundDesk = ({ pool }: { pool: Pool }): InboundDesk => ({ list: (query) => listInboundCalls(pool, query) })
