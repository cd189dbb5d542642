/** The counts behind a campaign's detection figures. Called by detection-stats.ts. */
import type { Db } from '../storage/database.ts'
import type { JudgedCalls } from './false-positives.ts'

type Verdict = 'human' | 'machine' | 'unsure'

export interface VerdictCount {
  detector: 'asterisk' | 'outpace'
  /** False: in shadow. */
  acted: boolean
  verdict: Verdict
  calls: number
  lateBeeps: number
}

interface Window {
  campaignId: string
  since: Date
}

export async function countVerdicts(db: Db, { campaignId, since }: Window): Promise<VerdictCount[]> {
  const { rows } = await db.query<VerdictCount>(
    `select detector, acted, verdict, count(*) as calls, count(*) filter (where late_beep) as "lateBeeps"
     from detections where campaign_id = $1 and at > $2 group by 1, 2, 3 order by 1, 2, 3`,
    [campaignId, since],
  )
  return rows
}

/** An agent's result code says whether there was a person; `no_result` says nothing. */
export async function countJudged(db: Db, { campaignId, since }: Window): Promise<JudgedCalls> {
  const { rows } = await db.query<JudgedCalls>(
    `with judged as (
       select d.verdict = 'machine' as machine, d.sample, a.result_code = 'answering_machine' as was_machine
       from detections d
       left join attempts a on a.id = d.attempt_id and a.result_code <> 'no_result'
       where d.campaign_id = $1 and d.at > $2 and d.acted)
     select count(*) filter (where machine) as machines,
            count(*) filter (where sample and was_machine is not null) as samples,
            count(*) filter (where sample and not was_machine) as people,
            count(*) filter (where not machine) as humans,
            count(*) filter (where not machine and was_machine is not null) as "judgedHumans",
            count(*) filter (where not machine and was_machine) as "machinesAmongHumans"
     from judged`,
    [campaignId, since],
  )
  const [counts] = rows
  if (!counts) throw new Error('an aggregate without a row')
  return counts
}

/** What our detector said in shadow, beside what the call was taken for (null: nobody asked) and what an agent found. */
export interface ShadowCount {
  shadow: Verdict
  takenFor: Verdict | null
  agentSaid: 'person' | 'machine' | null
  calls: number
}

export async function countShadow(db: Db, { campaignId, since }: Window): Promise<ShadowCount[]> {
  const { rows } = await db.query<ShadowCount>(
    `select s.verdict as shadow, d.verdict as "takenFor",
            case when a.result_code is null or a.result_code = 'no_result' then null
                 when a.result_code = 'answering_machine' then 'machine' else 'person' end as "agentSaid",
            count(*) as calls
     from detections s
     join attempts a on a.id = s.attempt_id
     left join detections d on d.attempt_id = s.attempt_id and d.acted
     where s.campaign_id = $1 and s.at > $2 and not s.acted
     group by 1, 2, 3 order by 1, 2, 3`,
    [campaignId, since],
  )
  return rows
}
