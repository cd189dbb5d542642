import t from 'tap'
import { compose, type MessageFacts, type OpenDebt, type Speaker } from './compose.ts'
import { messageSchema, partSchema } from './message.ts'
import { spokenAmount, spokenCurrency, spokenDate, spokenDigits, spokenNumber } from './spoken.ts'
import { days } from './spoken-words.ts'
import { callbackTexts, limitedContentTexts, optedOutTexts } from './templates.ts'

t.test('amounts as they are said', async (t) => {
  const said: [minor: number, currency: string, language: string, words: string][] = [
    [123_456, 'PLN', 'pl', '1234 złote i 56 groszy'],
    [100, 'PLN', 'pl', 'jeden złoty'],
    [2_201, 'PLN', 'pl', '22 złote i jeden grosz'],
    [500, 'PLN', 'pl', '5 złotych'],
    [50, 'PLN', 'pl', '50 groszy'],
    [0, 'EUR', 'de', '0 Euro'],
    [100, 'EUR', 'de', 'ein Euro'],
    [1_250, 'EUR', 'de', '12 Euro und 50 Cent'],
    [200, 'CZK', 'cs', 'dvě koruny'],
    [150_000, 'CZK', 'cs', '1500 korun'],
    [300, 'EUR', 'sk', '3 eurá'],
    [10_200, 'EUR', 'sl', '102 evra'],
    [200, 'HUF', 'hu', 'két forint'],
    [1_000_000, 'HUF', 'hu', '10000 forint'],
    [105, 'GBP', 'en', '1 pound and 5 pence'],
    [1500, 'JPY', 'en', '1500 Japanese yen'],
    [123_456, 'EUR', 'fr', '1234,56 euros'],
  ]
  for (const [minor, currency, language, words] of said) t.equal(spokenAmount(minor, currency, language), words)
  t.equal(spokenCurrency('PLN', 'pl'), 'złotych')
  t.equal(spokenCurrency('SEK', 'en'), 'Swedish Krona')
})

t.test('dates, accounts and numbers', async (t) => {
  const said: [language: string, words: string][] = [
    ['pl', 'piątego listopada 2026'],
    ['cs', 'pátého listopadu 2026'],
    ['sk', 'piateho novembra 2026'],
    ['sl', 'petega novembra 2026'],
    ['de', 'fünften November 2026'],
    ['hu', '2026 november ötödike'],
    ['en', 'November 5, 2026'],
    ['fr', '5 novembre 2026'],
  ]
  for (const [language, words] of said) t.equal(spokenDate('2026-11-05', language), words)
  t.equal(spokenDate('2026-12-31', 'de'), 'einunddreißigsten Dezember 2026')
  t.equal(spokenDate('2026-12-22', 'sl'), 'dvaindvajsetega decembra 2026')
  for (const [language, names] of Object.entries(days)) t.equal(new Set(names).size, 31, `31 days in ${language}`)
  t.equal(spokenDigits('PL61 1090 1014'), 'P L 6 1, 1 0 9 0, 1 0 1 4')
  t.equal(spokenNumber('+48221234567', 'PL'), '2 2, 1 2 3, 4 5, 6 7')
  t.equal(spokenNumber('+48221234567', 'DE'), 'plus 4 8, 2 2, 1 2 3, 4 5, 6 7')
})

const debt: OpenDebt = {
  ...{ creditor: 'Bank', contract: 'U/1', balanceMinor: 10_000, currency: 'PLN' },
  ...{ dueDate: '2026-11-05', accountToPay: 'PL61' },
}
const facts: MessageFacts = { name: 'Jan Testowy', language: 'pl-PL', country: 'PL', debts: [debt] }
const speaker: Speaker = { brand: { name: 'Agencja' }, callerId: '+48221234567' }
const texts = {
  pl: [{ say: 'Tu {brand}. {name}, prosimy o {amount} do {due_date}.' }, { play: 'goodbye' }],
  en: [{ say: 'Hello {name}' }],
}

t.test('a message is filled in the language of the contact', async (t) => {
  t.same(compose(texts, facts, speaker, undefined), {
    utterances: [
      { say: 'Tu Agencja. Jan Testowy, prosimy o 100 złotych do piątego listopada 2026.', language: 'pl' },
      { play: 'goodbye' },
    ],
  })
  const polish = { say: 'Tu Agencja.', language: 'pl' }
  const first = (changes: Partial<MessageFacts>, fallback?: string) => {
    const composed = compose(texts, { ...facts, ...changes }, speaker, fallback)
    return 'problem' in composed ? composed.problem : composed.utterances[0]
  }
  t.match(first({ language: null }), { language: polish.language }, "the country's, where his own is not known")
  t.match(first({ language: 'uk' }), { language: 'pl' })
  t.match(first({ language: 'uk', country: 'UA' }, 'en'), { language: 'en' })
  t.equal(first({ language: 'uk', country: 'UA' }), 'the message has no text in uk')
})

t.test("the brand's own voice stands where the text names it", async (t) => {
  const client: Speaker = { ...speaker, brand: { name: 'Bank', recording: 'bank-name' } }
  t.same(compose({ pl: [{ say: 'Tu {brand}. Dzień dobry.' }] }, facts, client, undefined), {
    utterances: [{ say: 'Tu', language: 'pl' }, { play: 'bank-name' }, { say: '. Dzień dobry.', language: 'pl' }],
  })
  t.same(compose({ pl: [{ say: '{brand}' }] }, facts, client, undefined), { utterances: [{ play: 'bank-name' }] })
})

t.test('what cannot be said is told, with the field', async (t) => {
  const problem = (say: string, changes: Partial<MessageFacts>, who = speaker) =>
    compose({ pl: [{ say }] }, { ...facts, ...changes }, who, undefined)
  const other = { ...debt, currency: 'EUR', creditor: 'Other', dueDate: null }
  t.match(problem('{amount}', { debts: [] }), { problem: 'the message says {amount}, and the contact has no open debt' })
  t.match(problem('{amount}', { debts: [debt, other] }), { problem: /the open debts differ in their currency$/ })
  t.match(problem('{creditor}', { debts: [debt, other] }), { problem: /differ in their creditor$/ })
  t.match(problem('{account}', { debts: [{ ...debt, accountToPay: null }] }), { problem: /the debt has no account to pay to$/ })
  t.match(problem('{due_date}', { debts: [other] }), { problem: /no open debt has a due date$/ })
  t.match(problem('{brand}', {}, { ...speaker, brand: undefined }), { problem: /the campaign has no brand$/ })
  t.match(problem('{amount}', { debts: [debt, debt] }), { utterances: [{ say: '200 złotych' }] }, 'several debts are one sum')
})

t.test('the templates can be composed in each of their languages, and limited content names nothing of the debt', async (t) => {
  const languages = ['pl', 'cs', 'sk', 'hu', 'sl', 'de', 'en']
  for (const templates of [limitedContentTexts, optedOutTexts, callbackTexts]) {
    t.same(Object.keys(templates), languages)
    for (const language of languages)
      t.ok('utterances' in compose(templates, { ...facts, language, debts: [] }, speaker, undefined), language)
  }
  const named = Object.values(limitedContentTexts).flatMap((parts) => JSON.stringify(parts).match(/\{\w+\}/g) ?? [])
  t.same([...new Set(named)].sort(), ['{brand}', '{callback_number}', '{name}'])
})

t.test('the schema refuses what could not be said', async (t) => {
  t.notOk(partSchema.safeParse({ say: 'You owe {amout}' }).success, 'a field that does not exist')
  t.notOk(partSchema.safeParse({ say: 'a } b' }).success)
  t.notOk(partSchema.safeParse({ play: '../etc/passwd' }).success)
  t.notOk(messageSchema.safeParse({ person: {} }).success)
  t.notOk(messageSchema.safeParse({ keys: { agent: '1', optOut: '1' } }).success, 'one key, two meanings')
  t.match(messageSchema.parse({}), {
    ...{ machine: 'limited_content', keys: { agent: '1', repeat: '2', optOut: '9' }, keyWaitMs: 4000 },
  })
})
