/**
 * What the robot voices say, in ten languages: ways to pick up a phone, and sentences. The sentences go to people and
 * machines alike (see compose.ts), so that no text tells one from the other; only "hello" is a person's own.
 */

export interface Phrases {
  hello: string[]
  sentences: string[]
}

export const phrases: Record<string, Phrases> = {
  pl: {
    hello: ['Halo?', 'Słucham?', 'Tak, słucham?', 'Tak?'],
    sentences: [
      ...['Dzień dobry, firma Przykład, w czym mogę pomóc?', 'Dodzwoniłeś się do Jana.', 'Nie mogę teraz rozmawiać.'],
      ...['Proszę zostawić wiadomość po sygnale.', 'Abonent jest chwilowo niedostępny, prosimy spróbować później.'],
      ...['Biuro Wzór, przy telefonie Anna.', 'Oddzwonię tak szybko, jak to możliwe.', 'Dziękujemy za telefon.'],
    ],
  },
  cs: {
    hello: ['Haló?', 'Prosím?', 'Ano, prosím?', 'No?'],
    sentences: [
      ...['Dobrý den, firma Příklad, co pro vás mohu udělat?', 'Dovolali jste se Janu Novákovi.', 'Teď nemohu mluvit.'],
      ...['Zanechte prosím vzkaz po zaznění tónu.', 'Volaný účastník není dostupný, zavolejte prosím později.'],
      ...['Kancelář Vzor, u telefonu Anna.', 'Ozvu se vám, jakmile to půjde.', 'Děkujeme za zavolání.'],
    ],
  },
  sk: {
    hello: ['Haló?', 'Prosím?', 'Áno, prosím?', 'No?'],
    sentences: [
      ...['Dobrý deň, firma Príklad, čo pre vás môžem urobiť?', 'Dovolali ste sa Jánovi.', 'Teraz nemôžem hovoriť.'],
      ...['Zanechajte prosím odkaz po zaznení tónu.', 'Volaný účastník nie je dostupný, zavolajte prosím neskôr.'],
      ...['Kancelária Vzor, pri telefóne Anna.', 'Ozvem sa vám čo najskôr.', 'Ďakujeme za zavolanie.'],
    ],
  },
  hu: {
    hello: ['Halló?', 'Igen?', 'Tessék?', 'Halló, tessék?'],
    sentences: [
      ...['Jó napot kívánok, Példa cég, miben segíthetek?', 'Kovács János hangpostáját hívta.', 'Most nem tudok beszélni.'],
      ...['Kérem, hagyjon üzenetet a sípszó után.', 'A hívott szám jelenleg nem elérhető, kérjük, hívja később.'],
      ...['Minta iroda, Anna vagyok.', 'Amint lehet, visszahívom.', 'Köszönjük a hívását.'],
    ],
  },
  sl: {
    hello: ['Halo?', 'Prosim?', 'Ja, prosim?', 'Ja?'],
    sentences: [
      ...['Dober dan, podjetje Primer, kako vam lahko pomagam?', 'Poklicali ste Janeza.', 'Trenutno ne morem govoriti.'],
      ...['Prosim, pustite sporočilo po pisku.', 'Klicani naročnik trenutno ni dosegljiv, pokličite kasneje.'],
      ...['Pisarna Vzorec, Ana pri telefonu.', 'Poklical vas bom nazaj, takoj ko bo mogoče.', 'Hvala za klic.'],
    ],
  },
  de: {
    hello: ['Hallo?', 'Ja bitte?', 'Ja, hallo?', 'Müller?'],
    sentences: [
      ...['Guten Tag, Firma Beispiel, was kann ich für Sie tun?', 'Sie haben die Nummer von Jan gewählt.'],
      ...['Ich kann gerade nicht ans Telefon gehen.', 'Bitte hinterlassen Sie eine Nachricht nach dem Signalton.'],
      ...['Der Teilnehmer ist zur Zeit nicht erreichbar, bitte rufen Sie später an.', 'Büro Muster, Anna am Apparat.'],
      ...['Ich rufe so bald wie möglich zurück.', 'Vielen Dank für Ihren Anruf.'],
    ],
  },
  en: {
    hello: ['Hello?', 'Yes?', 'Hi, hello?', 'Yeah?'],
    sentences: [
      ...[
        'Good morning, Example Company, how can I help you?',
        'You have reached the phone of John.',
        'I cannot talk right now.',
      ],
      ...['Please leave a message after the tone.', 'The person you are calling is not available, please try again later.'],
      ...['Sample office, Anna speaking.', 'I will call you back as soon as possible.', 'Thank you for your call.'],
    ],
  },
  it: {
    hello: ['Pronto?', 'Sì?', 'Sì, pronto?', 'Chi è?'],
    sentences: [
      ...['Buongiorno, ditta Esempio, come posso aiutarla?', 'Avete chiamato Giovanni.', 'Ora non posso parlare.'],
      ...['Lasciate un messaggio dopo il segnale acustico.', "L'utente chiamato non è raggiungibile, riprovate più tardi."],
      ...['Ufficio Modello, sono Anna.', 'Vi richiamerò appena possibile.', 'Grazie per la chiamata.'],
    ],
  },
  es: {
    hello: ['¿Diga?', '¿Hola?', '¿Sí, dígame?', '¿Bueno?'],
    sentences: [
      ...['Buenos días, empresa Ejemplo, ¿en qué puedo ayudarle?', 'Ha llamado usted a Juan.', 'Ahora no puedo hablar.'],
      ...['Por favor, deje su mensaje después de la señal.', 'El abonado no está disponible, inténtelo más tarde.'],
      ...['Oficina Modelo, le habla Ana.', 'Le llamaré en cuanto pueda.', 'Gracias por su llamada.'],
    ],
  },
  fr: {
    hello: ['Allô ?', 'Oui ?', 'Oui, allô ?', 'Oui, bonjour ?'],
    sentences: [
      ...['Bonjour, société Exemple, que puis-je pour vous ?', 'Vous êtes bien chez Jean.', 'Je ne peux pas parler maintenant.'],
      ...['Laissez un message après le bip.', "Votre correspondant n'est pas disponible, veuillez rappeler plus tard."],
      ...['Bureau Modèle, Anne à l’appareil.', 'Je vous rappellerai dès que possible.', 'Merci de votre appel.'],
    ],
  },
}
