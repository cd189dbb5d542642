/**
 * A message and the facts of one contact -> what is to be said and played, in which language; or why it cannot be. Pure.
 * Called by messages.ts before a call is placed, and for previews.
 */
import {
  type Brand,
  fieldPattern,
  limitedContent,
  type MessageField,
  type MessagePart,
  type MessageSettings,
  type MessageTexts,
  messageFields,
} from './message.ts'
import { spokenAmount, spokenCurrency, spokenDate, spokenDigits, spokenNumber } from './spoken.ts'
import { limitedContentTexts } from './templates.ts'

/** What is known of the contact and his open debts when the call is planned. */
export interface MessageFacts {
  name: string
  /** As imported: pl, pl-PL; null: not known. */
  language: string | null
  country: string
  debts: OpenDebt[]
}

export interface OpenDebt {
  creditor: string | null
  contract: string | null
  balanceMinor: number
  currency: string
  /** ISO date. */
  dueDate: string | null
  accountToPay: string | null
}

export type Utterance = { play: string } | { say: string; language: string }
export type Composed = { utterances: Utterance[] } | { problem: string }

export interface Speaker {
  brand: Brand | undefined
  /** The number the call comes from. */
  callerId: string
}

const languageOfCountry: Readonly<Record<string, string>> = {
  ...{ PL: 'pl', CZ: 'cs', SK: 'sk', HU: 'hu', SI: 'sl', DE: 'de', AT: 'de', CH: 'de', LI: 'de' },
  ...{ GB: 'en', US: 'en', IE: 'en', CA: 'en', AU: 'en', NZ: 'en', ES: 'es', FR: 'fr', IT: 'it', RO: 'ro', GR: 'el' },
}

/** Who listens: a person, or whoever plays the machine's recording back. */
export const textsFor = (to: 'person' | 'machine', message: MessageSettings): MessageTexts | undefined => {
  if (to === 'person') return message.person
  return message.machine === limitedContent ? limitedContentTexts : message.machine
}

/** The contact's own language, then his country's, then the message's fallback. */
export function compose(
  texts: MessageTexts,
  facts: MessageFacts,
  speaker: Speaker,
  fallbackLanguage: string | undefined,
): Composed {
  const wanted = [facts.language?.slice(0, 2).toLowerCase(), languageOfCountry[facts.country], fallbackLanguage]
  const language = wanted.find((one) => one !== undefined && texts[one] !== undefined)
  const parts = language === undefined ? undefined : texts[language]
  if (language === undefined || !parts)
    return { problem: `the message has no text in ${wanted[0] ?? wanted[1] ?? 'the language of the contact'}` }
  const filled = parts.map((part) => fill(part, language, facts, speaker))
  const problem = filled.find((one) => 'problem' in one)
  if (problem) return problem
  return { utterances: filled.flatMap((one) => ('utterances' in one ? one.utterances : [])) }
}

function fill(part: MessagePart, language: string, facts: MessageFacts, speaker: Speaker): Composed {
  if ('play' in part) return { utterances: [part] }
  const recording = speaker.brand?.recording
  // The brand's own voice stands between what is spoken before and after it.
  const pieces = recording === undefined ? [part.say] : part.say.split('{brand}')
  const utterances: Utterance[] = []
  for (const [n, piece] of pieces.entries()) {
    if (n > 0 && recording !== undefined) utterances.push({ play: recording })
    const said = fillText(piece, language, facts, speaker)
    if ('problem' in said) return said
    if (/[\p{L}\p{N}]/u.test(said.text)) utterances.push({ say: said.text.trim(), language })
  }
  return { utterances }
}

function fillText(text: string, language: string, facts: MessageFacts, speaker: Speaker): { text: string } | { problem: string } {
  const problems: string[] = []
  const filled = text.replaceAll(fieldPattern, (_, name: string) => {
    const field = messageFields.find((one) => one === name)
    const value = field && fields[field](facts, language, speaker)
    if (value && 'problem' in value) problems.push(`the message says {${name}}, and ${value.problem}`)
    return value && 'text' in value ? value.text : ''
  })
  const [problem] = problems
  return problem === undefined ? { text: filled } : { problem }
}

type Said = { text: string } | { problem: string }
const orElse = (text: string | null | undefined, problem: string): Said => (text ? { text } : { problem })

const fields: Readonly<Record<MessageField, (facts: MessageFacts, language: string, speaker: Speaker) => Said>> = {
  name: ({ name }) => orElse(name, 'the contact has no name'),
  brand: (_, __, { brand }) => orElse(brand?.name, 'the campaign has no brand'),
  creditor: ({ debts }) => theOne(debts, 'creditor', 'creditor'),
  contract: ({ debts }, __) => spelled(theOne(debts, 'contract', 'contract')),
  account: ({ debts }) => spelled(theOne(debts, 'accountToPay', 'account to pay to')),
  amount({ debts }, language) {
    const currency = theOne(debts, 'currency', 'currency')
    if ('problem' in currency) return currency
    const owed = debts.reduce((sum, debt) => sum + debt.balanceMinor, 0)
    return { text: spokenAmount(owed, currency.text, language) }
  },
  currency({ debts }, language) {
    const currency = theOne(debts, 'currency', 'currency')
    return 'problem' in currency ? currency : { text: spokenCurrency(currency.text, language) }
  },
  due_date({ debts }, language) {
    const [earliest] = debts.flatMap(({ dueDate }) => (dueDate === null ? [] : [dueDate])).sort()
    return earliest === undefined ? { problem: 'no open debt has a due date' } : { text: spokenDate(earliest, language) }
  },
  callback_number: ({ country }, _, { brand, callerId }) => ({ text: spokenNumber(brand?.callbackNumber ?? callerId, country) }),
}

const spelled = (said: Said): Said => ('problem' in said ? said : { text: spokenDigits(said.text) })

/** What all open debts have in common; two creditors cannot be named by one word. */
function theOne(debts: OpenDebt[], column: 'creditor' | 'contract' | 'accountToPay' | 'currency', words: string): Said {
  const [first, ...others] = new Set(debts.map((debt) => debt[column]))
  if (first === undefined) return { problem: 'the contact has no open debt' }
  if (others.length > 0) return { problem: `the open debts differ in their ${words}` }
  return orElse(first, `the debt has no ${words}`)
}
