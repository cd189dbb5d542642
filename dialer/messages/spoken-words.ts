/**
 * The words of amounts and dates in the house's languages, where Intl has no spoken form. Pure data; spoken.ts uses it.
 * Forms of a noun by the plural category of its number (CLDR, Intl.PluralRules); `one` and `two` besides are the words for
 * 1 and 2 where the noun's gender changes them.
 */

export interface Noun {
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
  /** The number itself as a word, for 1 and 2. */
  one?: string
  two?: string
}

export interface Money {
  major: Noun
  minor: Noun
}

const noun = (forms: Noun['forms'], one?: string, two?: string): Noun => ({ forms, ...(one && { one }), ...(two && { two }) })
/** one, few, many. */
const slavic = (singular: string, few: string, many: string, one?: string, two?: string) =>
  noun({ one: singular, few, many, other: many }, one, two)
const plain = (singular: string, plural: string, one?: string, two?: string) => noun({ one: singular, other: plural }, one, two)
/** Hungarian counts in the singular, with its own two before a noun. */
const same = (word: string) => noun({ other: word }, 'egy', 'két')
const slovene = (singular: string, dual: string, few: string, many: string, one: string, two: string) =>
  noun({ one: singular, two: dual, few, other: many }, one, two)

/** language -> currency. A pair that is missing is said as Intl names it. */
export const money: Readonly<Record<string, Readonly<Record<string, Money>>>> = {
  pl: {
    PLN: { major: slavic('złoty', 'złote', 'złotych', 'jeden'), minor: slavic('grosz', 'grosze', 'groszy', 'jeden') },
    EUR: { major: noun({ other: 'euro' }, 'jedno'), minor: slavic('cent', 'centy', 'centów', 'jeden') },
    CZK: { major: slavic('korona', 'korony', 'koron', 'jedna', 'dwie'), minor: slavic('halerz', 'halerze', 'halerzy', 'jeden') },
  },
  cs: {
    CZK: {
      major: slavic('koruna', 'koruny', 'korun', 'jedna', 'dvě'),
      minor: slavic('haléř', 'haléře', 'haléřů', 'jeden', 'dva'),
    },
    EUR: { major: slavic('euro', 'eura', 'eur', 'jedno', 'dvě'), minor: slavic('cent', 'centy', 'centů', 'jeden', 'dva') },
    PLN: { major: slavic('zlotý', 'zloté', 'zlotých', 'jeden', 'dva'), minor: slavic('groš', 'groše', 'grošů', 'jeden', 'dva') },
  },
  sk: {
    EUR: { major: slavic('euro', 'eurá', 'eur', 'jedno', 'dve'), minor: slavic('cent', 'centy', 'centov', 'jeden', 'dva') },
    CZK: {
      major: slavic('koruna', 'koruny', 'korún', 'jedna', 'dve'),
      minor: slavic('halier', 'haliere', 'halierov', 'jeden', 'dva'),
    },
  },
  hu: {
    HUF: { major: same('forint'), minor: same('fillér') },
    EUR: { major: same('euró'), minor: same('cent') },
  },
  sl: {
    EUR: {
      major: slovene('evro', 'evra', 'evri', 'evrov', 'en', 'dva'),
      minor: slovene('cent', 'centa', 'centi', 'centov', 'en', 'dva'),
    },
  },
  de: {
    EUR: { major: plain('Euro', 'Euro', 'ein'), minor: plain('Cent', 'Cent', 'ein') },
    CHF: { major: plain('Franken', 'Franken', 'ein'), minor: plain('Rappen', 'Rappen', 'ein') },
    CZK: { major: plain('Krone', 'Kronen', 'eine'), minor: plain('Heller', 'Heller', 'ein') },
    PLN: { major: plain('Złoty', 'Złoty', 'ein'), minor: plain('Groschen', 'Groschen', 'ein') },
  },
  en: {
    EUR: { major: plain('euro', 'euros'), minor: plain('cent', 'cents') },
    GBP: { major: plain('pound', 'pounds'), minor: plain('penny', 'pence') },
    USD: { major: plain('dollar', 'dollars'), minor: plain('cent', 'cents') },
    PLN: { major: plain('zloty', 'zlotys'), minor: plain('grosz', 'groszy') },
  },
}

/** Between crowns and hellers. */
export const and: Readonly<Record<string, string>> = { pl: 'i', cs: 'a', sk: 'a', hu: 'és', sl: 'in', de: 'und', en: 'and' }

const words = (text: string) => text.split(' ')
/** 1..19 as given, then 20..31 from the words for twenty, thirty and the ones. */
const ordinals = (upTo19: string, twenty: string, thirty: string, joined: (tens: string, ones: string) => string): string[] => {
  const small = words(upTo19)
  return [
    ...small,
    twenty,
    ...small.slice(0, 9).map((ones) => joined(twenty, ones)),
    thirty,
    ...small.slice(0, 1).map((ones) => joined(thirty, ones)),
  ]
}
const spaced = (tens: string, ones: string) => `${tens} ${ones}`

/** One-and-twentieth: the ones stand first, as cardinals. */
const sloveneOnes: Readonly<Record<string, string>> = {
  prvega: 'ena',
  drugega: 'dva',
  tretjega: 'tri',
  četrtega: 'štiri',
  petega: 'pet',
  šestega: 'šest',
  sedmega: 'sedem',
  osmega: 'osem',
  devetega: 'devet',
}
const germanOnes: Readonly<Record<string, string>> = {
  ersten: 'ein',
  zweiten: 'zwei',
  dritten: 'drei',
  vierten: 'vier',
  fünften: 'fünf',
  sechsten: 'sechs',
  siebten: 'sieben',
  achten: 'acht',
  neunten: 'neun',
}

/** Days of the month as they are said in a date: the fifth (of November). Index 0 is the first. */
export const days: Readonly<Record<string, string[]>> = {
  pl: ordinals(
    'pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego dziesiątego jedenastego dwunastego ' +
      'trzynastego czternastego piętnastego szesnastego siedemnastego osiemnastego dziewiętnastego',
    'dwudziestego',
    'trzydziestego',
    spaced,
  ),
  cs: ordinals(
    'prvního druhého třetího čtvrtého pátého šestého sedmého osmého devátého desátého jedenáctého dvanáctého třináctého ' +
      'čtrnáctého patnáctého šestnáctého sedmnáctého osmnáctého devatenáctého',
    'dvacátého',
    'třicátého',
    spaced,
  ),
  sk: ordinals(
    'prvého druhého tretieho štvrtého piateho šiesteho siedmeho ôsmeho deviateho desiateho jedenásteho dvanásteho trinásteho ' +
      'štrnásteho pätnásteho šestnásteho sedemnásteho osemnásteho devätnásteho',
    'dvadsiateho',
    'tridsiateho',
    spaced,
  ),
  sl: ordinals(
    'prvega drugega tretjega četrtega petega šestega sedmega osmega devetega desetega enajstega dvanajstega trinajstega ' +
      'štirinajstega petnajstega šestnajstega sedemnajstega osemnajstega devetnajstega',
    'dvajsetega',
    'tridesetega',
    (tens, ones) => `${sloveneOnes[ones] ?? ones}in${tens}`,
  ),
  de: ordinals(
    'ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften dreizehnten vierzehnten ' +
      'fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten',
    'zwanzigsten',
    'dreißigsten',
    (tens, ones) => `${germanOnes[ones] ?? ones}und${tens}`,
  ),
  hu: [
    ...words(
      'elseje másodika harmadika negyedike ötödike hatodika hetedike nyolcadika kilencedike tizedike tizenegyedike tizenkettedike ' +
        'tizenharmadika tizennegyedike tizenötödike tizenhatodika tizenhetedike tizennyolcadika tizenkilencedike huszadika ' +
        'huszonegyedike huszonkettedike huszonharmadika huszonnegyedike huszonötödike huszonhatodika huszonhetedike ' +
        'huszonnyolcadika huszonkilencedike harmincadika harmincegyedike',
    ),
  ],
}

/** Where Intl has no genitive: the fifth of November wants novembra. */
export const monthsInDates: Readonly<Record<string, string[]>> = {
  sl: words('januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra'),
}
