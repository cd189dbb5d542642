/** How lists write a contact's consent, in the languages of their headings. Pure. */
import { normalize } from './column-map.ts'
import type { Consent } from './lead.ts'

const consentWords: Readonly<Record<string, Consent>> = {
  ...{ given: 'given', yes: 'given', true: 'given', 1: 'given', tak: 'given', ano: 'given', igen: 'given', da: 'given' },
  ...{
    withdrawn: 'withdrawn',
    no: 'withdrawn',
    false: 'withdrawn',
    0: 'withdrawn',
    nie: 'withdrawn',
    ne: 'withdrawn',
    nem: 'withdrawn',
  },
  unknown: 'unknown',
}

/** undefined: not understood. */
export const parseConsent = (text: string): Consent | undefined => consentWords[normalize(text)]
