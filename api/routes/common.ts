/** Shapes that several groups of routes share. */
import { z } from 'zod'

export const uuidParams = z.strictObject({ id: z.uuid() })
export const numberParams = z.strictObject({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })

/** For requests that say everything in their address: no body, or an empty object. */
export const emptyBody = z.strictObject({}).nullish()

export const pageLimit = z.coerce.number().int().min(1).max(1000).default(100)
/** The id of the last one on the page before. */
export const pageAfter = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0)
