/** The attempts on our switch that a former run of the engine left without an end. */
import type { Db } from '../storage/database.ts'
import type { Verdict } from '../telephony/telephony.ts'

export interface OpenAttempt {
  id: string
  leadId: number
  campaignId: string
  phoneId: number
  number: string
  trunkId: string
  callerIdId: number
  callerNumber: string
  mode: 'progressive' | 'ratio' | 'predictive' | 'message'
  reason: string
  placedAt: Date
  answeredAt: Date | null
  detection: Verdict | null
  detectionCause: string | null
  detectedAt: Date | null
  connectedAt: Date | null
  agentId: string | null
}

export async function listOpenAttempts(db: Db, switchName: string): Promise<OpenAttempt[]> {
  const { rows } = await db.query<OpenAttempt>(
    `select a.id, a.lead_id as "leadId", a.campaign_id as "campaignId", a.phone_id as "phoneId", a.number, a.trunk_id as "trunkId",
            a.caller_id_id as "callerIdId", c.number as "callerNumber", a.mode, a.reason, a.placed_at as "placedAt",
            a.answered_at as "answeredAt", a.connected_at as "connectedAt", a.agent_id as "agentId", a.detection,
            a.detection_cause as "detectionCause", a.detected_at as "detectedAt"
     from attempts a join caller_ids c on c.id = a.caller_id_id
     where a.ended_at is null and a.switch = $1`,
    [switchName],
  )
  return rows
}
