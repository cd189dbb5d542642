/**
 * Where the corpus' voices come from: Debian packages by name, version and hash, the people who speak in them, and the
 * voices of espeak-ng. A voice belongs to exactly one part (train, validation, test) before anything is composed.
 * Audio is never kept in this repository (licences CC-BY-SA, GPL and others, see each package); only this recipe is.
 */

export type Part = 'train' | 'validation' | 'test'

export const packages = [
  {
    name: 'asterisk-core-sounds-en-wav',
    version: '1.6.1-1',
    sha256: '2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d',
  },
  {
    name: 'asterisk-core-sounds-es-wav',
    version: '1.6.1-1',
    sha256: '9283a09a6d56fccdcc2bcfe86c48f0f844289cfbd46a3184d8785a6f7f569903',
  },
  {
    name: 'asterisk-core-sounds-fr-wav',
    version: '1.6.1-1',
    sha256: '8d4e1bc32ed5ba7fbda40841ca1825ed20cc6232724a473c90f8bb0e53e6073e',
  },
  {
    name: 'asterisk-core-sounds-it-wav',
    version: '1.6.1-1',
    sha256: '5a26638089e134b8ac39363fe249c5c93c50cd8bfdc9b2499ae61ec4a35e2fcb',
  },
  {
    name: 'asterisk-core-sounds-ru-wav',
    version: '1.6.1-1',
    sha256: 'ccbfaebfa450b7a9ddf644ae0f3d1e9017d5df7c0aebe816e946345589d38201',
  },
  {
    name: 'asterisk-prompt-es-co',
    version: '0.20070403-2.1',
    sha256: '6702696e045514699e87dc8fb70f370717e5df91f821f7bec8dd0df1be008e83',
  },
  {
    name: 'asterisk-prompt-fr-armelle',
    version: '20070613-2.2',
    sha256: '162570b1a9b3512a98f06b89f60c7c17cf1b9b52297315adca9a4e5be728bea3',
  },
  {
    name: 'asterisk-prompt-it-menardi-wav',
    version: '1:1.4.22+mm20110907-3.1',
    sha256: '3094530d98f8758ac275572d59624c41f60969fef883f34f4886d144f3dfeb21',
  },
  {
    name: 'asterisk-moh-opsound-wav',
    version: '2.03-1.1',
    sha256: '8f9d808a729d305c2d3343993f21ca5e6829e411682618dc8ea7aa8bc24a566c',
  },
  {
    name: 'tuxpaint-stamps-default',
    version: '2022.06.04-1',
    sha256: '6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34',
  },
  { name: 'ktuberling-data', version: '4:22.12.3-1', sha256: 'fba44c875bfa31ea488dadd9263e87a4dcaea0bd47d28817f6c0dc6d2af970ed' },
  { name: 'klettres-data', version: '4:22.12.3-1', sha256: '1186d257a19e84230856baea0b0b1ded8be9195080fcdb2588970b5cd937f5a8' },
  {
    name: 'fillets-ng-data-cs',
    version: '1.0.1-1.1',
    sha256: '3ecef99b9456f1c80c9625c6f2418642b52d58e7167a46bad7a412db17991b14',
  },
  {
    name: 'fillets-ng-data-nl',
    version: '1.0.1-1.1',
    sha256: 'afb4443fda9ab507dee578b75be857d121718a1cd6017a474f30e0eb13dc9d10',
  },
] as const

/** Somebody recorded: his files are those under `folder` whose path matches. */
export interface RecordedVoice {
  id: string
  language: string
  part: Part
  package: string
  path: RegExp
}

const asterisk = (name: string) => new RegExp(`sounds/${name}/(?!silence/|.*beep|.*tone)`)
const stamps = (language: string) => new RegExp(`_desc_${language}\\.ogg$`)
const folder = (name: string) => new RegExp(`/${name}/`)
const core = (language: string) => `asterisk-core-sounds-${language}-wav`

/** [id, language, part, package, files]; the English and the Mexican prompts are one person's. */
const recorded: [string, string, Part, string, RegExp][] = [
  ['allison', 'en', 'train', core('en'), asterisk('en_US_f_Allison')],
  ['allison', 'es', 'train', core('es'), asterisk('es_MX_f_Allison')],
  ['june', 'fr', 'train', core('fr'), asterisk('fr_CA_f_June')],
  ['carlo', 'it', 'train', core('it'), asterisk('it_IT_m_Carlo')],
  ['ivrvoice', 'ru', 'train', core('ru'), asterisk('ru_RU_f_IvrvoiceRU')],
  ['menardi', 'it', 'test', 'asterisk-prompt-it-menardi-wav', asterisk('it_IT_f_Menardi')],
  ['armelle', 'fr', 'test', 'asterisk-prompt-fr-armelle', asterisk('fr')],
  ['colombia', 'es', 'test', 'asterisk-prompt-es-co', asterisk('es')],
  ['stamps-bg', 'bg', 'train', 'tuxpaint-stamps-default', stamps('bg')],
  ['stamps-ca', 'ca', 'train', 'tuxpaint-stamps-default', stamps('ca')],
  ['stamps-da', 'da', 'train', 'tuxpaint-stamps-default', stamps('da')],
  ['stamps-el', 'el', 'train', 'tuxpaint-stamps-default', stamps('el')],
  ['stamps-es', 'es', 'validation', 'tuxpaint-stamps-default', stamps('es')],
  ['stamps-fr', 'fr', 'validation', 'tuxpaint-stamps-default', stamps('fr')],
  ['stamps-be', 'be', 'validation', 'tuxpaint-stamps-default', stamps('be')],
  ['stamps-ro', 'ro', 'test', 'tuxpaint-stamps-default', stamps('ro')],
  ['stamps-ru', 'ru', 'test', 'tuxpaint-stamps-default', stamps('ru')],
  ['stamps-en', 'en', 'test', 'tuxpaint-stamps-default', /_desc\.ogg$/],
  ['fish-cs-big', 'cs', 'train', 'fillets-ng-data-cs', /-v-[^/]*\.ogg$/],
  ['fish-cs-small', 'cs', 'test', 'fillets-ng-data-cs', /-m-[^/]*\.ogg$/],
  ['fish-nl-big', 'nl', 'validation', 'fillets-ng-data-nl', /-v-[^/]*\.ogg$/],
  ['fish-nl-small', 'nl', 'test', 'fillets-ng-data-nl', /-m-[^/]*\.ogg$/],
  ['potato-en', 'en', 'train', 'ktuberling-data', folder('en')],
  ['potato-fr', 'fr', 'train', 'ktuberling-data', folder('fr')],
  ['potato-uk', 'uk', 'train', 'ktuberling-data', folder('uk')],
  ['potato-da', 'da', 'validation', 'ktuberling-data', folder('da')],
  ['potato-de', 'de', 'test', 'ktuberling-data', folder('de')],
  ['potato-sl', 'sl', 'test', 'ktuberling-data', folder('sl')],
  ['letters-de', 'de', 'train', 'klettres-data', folder('de')],
  ['letters-cs', 'cs', 'validation', 'klettres-data', folder('cs')],
  ['letters-gb', 'en', 'validation', 'klettres-data', folder('en_GB')],
  ['letters-lt', 'lt', 'train', 'klettres-data', folder('lt')],
  ['letters-hu', 'hu', 'test', 'klettres-data', folder('hu')],
]

export const recordedVoices: RecordedVoice[] = recorded.map(([id, language, part, name, path]) => ({
  ...{ id, language, part, package: name, path },
}))

export const music = { package: 'asterisk-moh-opsound-wav', path: /\.wav$/ }

/** Variants of espeak-ng: another throat, another part. Each speaks all ten languages at a pitch and speed of its own. */
export const robotThroats: Record<Part, string[]> = {
  train: [
    ...['m1', 'm2', 'm4', 'm8', 'f1', 'f3', 'f5', 'klatt', 'Alex', 'Andy', 'Denis', 'Jacky', 'Lee', 'Mario', 'adam'],
    ...['anika', 'antonio', 'boris', 'caleb', 'grandma', 'linda', 'max', 'shelby', 'steph', 'victor'],
  ],
  validation: ['m3', 'f2', 'klatt2', 'Annie', 'Diogo', 'belinda', 'david', 'norbert', 'robert', 'zac'],
  test: [
    ...['m5', 'm7', 'f4', 'klatt4', 'Alicia', 'Andrea', 'Gene2', 'Hugo', 'Marco', 'Michael', 'aunty', 'edward', 'gustave'],
    ...['michel', 'pedro', 'travis'],
  ],
}
