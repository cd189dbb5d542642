/** The demo's campaign and numbers. Round the clock, since people try a demo at any hour; a real campaign keeps to its rule pack. */

const allDay = [{ from: '00:00', to: '24:00' }]

export const demoCampaign = {
  name: 'Demo',
  settings: {
    mode: 'ratio',
    linesPerAgent: 2.3,
    maxLinesPerAgent: 4,
    detection: 'asterisk',
    // The demo compares each call with the number that was dialed; a real campaign puts one machine in a hundred through.
    machineSampleShare: 0,
    ringTimeoutMs: 15_000,
    wrapUpMs: 500,
    // With three hundred calls one abandoned person too many would leave the rest to the careful mode.
    abandonTarget: 0.03,
    country: 'PL',
    callerIdPool: 'demo',
    looserBecause: 'invented people on this machine, called at any hour',
    windows: {
      monday: allDay,
      tuesday: allDay,
      wednesday: allDay,
      thursday: allDay,
      friday: allDay,
      saturday: allDay,
      sunday: allDay,
      onHolidays: true,
    },
  },
}

/** Invented numbers of six countries, all over the one trunk. */
export const demoCallerIds = {
  pool: 'demo',
  trunkId: 'carrier',
  numbers: [
    ...['+48223000010', '+48223000011', '+48123000012', '+48713000013'],
    ...['+420234000010', '+420234000011', '+421232000010', '+421232000011'],
    ...['+3612000010', '+3612000011', '+38612000010', '+38612000011', '+493020000010', '+493020000011'],
  ],
}
