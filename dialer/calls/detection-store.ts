/** The tables of verdicts and of the audio behind them. */
import type { Db } from '../storage/database.ts'
import type { DetectionRecord } from './detection-record.ts'

const whole = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms))
const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))

/** May be repeated: what is there already stands. */
export async function insertDetections(db: Db, records: DetectionRecord[]): Promise<void> {
  const heard = records.map((record) => record.heard)
  await db.query({
    name: 'insert-detections',
    text: `insert into detections (attempt_id, detector, campaign_id, at, acted, verdict, reason, verdict_ms, sample, late_beep,
                                   confidence, features, greeting_ended_ms, beep_onset_ms, beep_end_ms, beep_hz, tones, media)
           select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::text[], $7::text[], $8::int[],
                                $9::boolean[], $10::boolean[], $11::real[], $12::jsonb[], $13::int[], $14::int[], $15::int[],
                                $16::real[], $17::jsonb[], $18::jsonb[])
           on conflict do nothing`,
    values: [
      records.map((r) => r.attemptId),
      records.map((r) => r.detector),
      records.map((r) => r.campaignId),
      records.map((r) => new Date(r.at)),
      records.map((r) => r.acted),
      records.map((r) => r.verdict),
      records.map((r) => r.reason),
      records.map((r) => whole(r.verdictMs)),
      records.map((r) => r.sample),
      records.map((r) => r.lateBeep),
      heard.map((h) => h?.verdict?.confidence ?? null),
      heard.map((h) => json(h?.verdict?.features)),
      heard.map((h) => whole(h?.verdict?.greetingEndMs ?? h?.greetingEndedMs)),
      heard.map((h) => whole(h?.beep?.onsetMs)),
      heard.map((h) => whole(h?.beep?.endMs)),
      heard.map((h) => h?.beep?.frequencyHz ?? null),
      heard.map((h) => json(h?.tones)),
      heard.map((h) => json(h?.media)),
    ],
  })
  const withAudio = records.flatMap(({ attemptId, audioUntil, heard }) =>
    heard?.audio ? [{ attemptId, audioUntil, audio: heard.audio }] : [],
  )
  if (withAudio.length > 0) await insertAudio(db, withAudio)
}

async function insertAudio(db: Db, records: { attemptId: string; audioUntil: number; audio: Uint8Array }[]): Promise<void> {
  await db.query({
    name: 'insert-detection-audio',
    text: `insert into detection_audio (attempt_id, alaw, keep_until)
           select * from unnest($1::uuid[], $2::bytea[], $3::timestamptz[]) on conflict do nothing`,
    values: [
      records.map((r) => r.attemptId),
      records.map((r) => Buffer.from(r.audio)),
      records.map((r) => new Date(r.audioUntil)),
    ],
  })
}

export interface StoredDetection {
  detector: 'asterisk' | 'outpace'
  at: Date
  acted: boolean
  verdict: 'human' | 'machine' | 'unsure'
  reason: string
  verdictMs: number
  sample: boolean
  lateBeep: boolean
  confidence: number | null
  features: Record<string, number> | null
  greetingEndedMs: number | null
  beepOnsetMs: number | null
  beepEndMs: number | null
  beepHz: number | null
  tones: { kind: string; atMs: number }[] | null
  media: { firstMs: number | null; packets: number; lost: number; latestMs: number } | null
}

export async function listDetections(db: Db, attemptId: string): Promise<StoredDetection[]> {
  const { rows } = await db.query<StoredDetection>(
    `select detector, at, acted, verdict, reason, verdict_ms as "verdictMs", sample, late_beep as "lateBeep", confidence, features,
            greeting_ended_ms as "greetingEndedMs", beep_onset_ms as "beepOnsetMs", beep_end_ms as "beepEndMs", beep_hz as "beepHz",
            tones, media
     from detections where attempt_id = $1 order by acted desc`,
    [attemptId],
  )
  return rows
}

export async function findAudio(db: Db, attemptId: string): Promise<{ alaw: Buffer; keepUntil: Date } | undefined> {
  const { rows } = await db.query<{ alaw: Buffer; keepUntil: Date }>(
    'select alaw, keep_until as "keepUntil" from detection_audio where attempt_id = $1',
    [attemptId],
  )
  return rows[0]
}

/** Audio past its end date; returns how many recordings went. */
export async function deleteOldAudio(db: Db, at: Date): Promise<number> {
  const { rowCount } = await db.query('delete from detection_audio where keep_until <= $1', [at])
  return rowCount ?? 0
}
