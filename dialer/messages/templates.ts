/**
 * Texts that come with the engine, by language. Pure data.
 * `limitedContent` holds what Reg F permits in a voicemail and nothing else (12 CFR 1006.2(j)): the business name (which must
 * not say that it collects debts), the person's name, a number, the request to reply. The other two answer a pressed key.
 */
import type { MessageTexts } from './message.ts'

const said = (texts: Record<string, string>): MessageTexts =>
  Object.fromEntries(Object.entries(texts).map(([language, say]) => [language, [{ say }]]))

export const limitedContentTexts = said({
  pl: 'Dzień dobry. Dzwoni {brand}. Wiadomość dla: {name}. Prosimy o telefon pod numer: {callback_number}. Dziękujemy.',
  cs: 'Dobrý den. Volá {brand}. Vzkaz pro: {name}. Prosíme, zavolejte nám zpět na číslo: {callback_number}. Děkujeme.',
  sk: 'Dobrý deň. Volá {brand}. Odkaz pre: {name}. Prosíme, zavolajte nám späť na číslo: {callback_number}. Ďakujeme.',
  hu: 'Jó napot kívánunk. A hívó: {brand}. Üzenet a következő személynek: {name}. Kérjük, hívjon vissza ezen a számon: {callback_number}. Köszönjük.',
  sl: 'Dober dan. Kliče {brand}. Sporočilo za: {name}. Prosimo, pokličite nas nazaj na številko: {callback_number}. Hvala.',
  de: 'Guten Tag. Hier ist {brand}. Eine Nachricht für: {name}. Bitte rufen Sie uns zurück unter der Nummer: {callback_number}. Vielen Dank.',
  en: 'Hello. This is {brand}. This message is for {name}. Please call us back on: {callback_number}. Thank you.',
})

/** After the key that opts out. */
export const optedOutTexts = said({
  pl: 'Dziękujemy. Nie będziemy więcej dzwonić. Do widzenia.',
  cs: 'Děkujeme. Už vám nebudeme volat. Na shledanou.',
  sk: 'Ďakujeme. Už vám nebudeme volať. Dovidenia.',
  hu: 'Köszönjük. Többet nem fogjuk hívni. Viszontlátásra.',
  sl: 'Hvala. Ne bomo vas več klicali. Nasvidenje.',
  de: 'Vielen Dank. Wir rufen Sie nicht mehr an. Auf Wiederhören.',
  en: 'Thank you. We will not call you again. Goodbye.',
})

/** After the key that asks for a person, when nobody is free. */
export const callbackTexts = said({
  pl: 'W tej chwili nikt nie jest wolny. Oddzwonimy do Państwa. Do widzenia.',
  cs: 'Nyní není nikdo volný. Zavoláme vám zpět. Na shledanou.',
  sk: 'Momentálne nie je nikto voľný. Zavoláme vám späť. Dovidenia.',
  hu: 'Jelenleg senki sem szabad. Visszahívjuk Önt. Viszontlátásra.',
  sl: 'Trenutno ni nihče prost. Poklicali vas bomo nazaj. Nasvidenje.',
  de: 'Im Augenblick ist niemand frei. Wir rufen Sie zurück. Auf Wiederhören.',
  en: 'Nobody is free just now. We will call you back. Goodbye.',
})
