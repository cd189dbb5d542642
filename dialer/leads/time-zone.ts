/**
 * The time zone a phone number most likely rings in: by area code where a country's zones follow them (North America,
 * Spain, Portugal, Australia), else the country's main zone. Pure. A mobile may be anywhere in its country, so a file that
 * knows better gives the zone in a column of its own.
 */
import { IANAZone } from 'luxon'

/** Where most people of a country with several zones live. Countries with one zone are known to Intl. */
const mainZones: Readonly<Record<string, string>> = {
  AU: 'Australia/Sydney',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CD: 'Africa/Kinshasa',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CY: 'Asia/Nicosia',
  DE: 'Europe/Berlin',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  FM: 'Pacific/Ponape',
  GL: 'America/Godthab',
  ID: 'Asia/Jakarta',
  KI: 'Pacific/Tarawa',
  KZ: 'Asia/Almaty',
  MH: 'Pacific/Majuro',
  MN: 'Asia/Ulaanbaatar',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  NZ: 'Pacific/Auckland',
  PF: 'Pacific/Tahiti',
  PG: 'Pacific/Port_Moresby',
  PS: 'Asia/Gaza',
  PT: 'Europe/Lisbon',
  RU: 'Europe/Moscow',
  UA: 'Europe/Kyiv',
  UM: 'Pacific/Wake',
  US: 'America/New_York',
  UZ: 'Asia/Tashkent',
}

/** Zone -> beginnings of the national number. What is not listed is in the main zone. */
const areas: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  US: {
    'America/Chicago':
      '205 210 214 217 218 224 225 228 251 254 256 262 270 274 281 309 312 314 316 318 319 320 325 331 334 337 346 353 361 364 402 405 409 414 417 430 432 447 464 469 479 501 504 507 512 515 531 534 539 557 563 572 573 580 601 605 608 612 615 618 620 629 630 636 641 651 659 660 662 682 701 708 712 713 715 726 730 731 737 763 769 773 779 785 806 815 816 817 830 832 847 861 870 872 901 903 913 915 918 920 924 931 936 938 940 945 952 956 972 975 979 985',
    'America/Denver': '303 307 308 385 406 435 505 575 719 720 801 970 983 986',
    'America/Boise': '208',
    'America/Phoenix': '480 520 602 623 928',
    'America/Los_Angeles':
      '206 209 213 253 279 310 323 341 350 360 408 415 424 425 442 458 503 509 510 530 541 559 562 564 619 626 628 650 657 661 669 702 707 714 725 738 747 760 775 805 818 820 831 837 840 858 909 916 925 949 951 971',
    'America/Anchorage': '907',
    'Pacific/Honolulu': '808',
  },
  CA: {
    'America/Halifax': '506 782 902',
    'America/St_Johns': '709 879',
    'America/Winnipeg': '204 431 584',
    'America/Regina': '306 474 639',
    'America/Edmonton': '368 403 587 780 825 867',
    'America/Vancouver': '236 250 257 604 672 778',
  },
  ES: { 'Atlantic/Canary': '822 828 922 928' },
  PT: { 'Atlantic/Azores': '292 295 296', 'Atlantic/Madeira': '291' },
  AU: { 'Australia/Brisbane': '7', 'Australia/Perth': '86 89', 'Australia/Adelaide': '87 88' },
}

const zoneByPrefix = new Map(
  Object.entries(areas).flatMap(([country, zones]) =>
    Object.entries(zones).flatMap(([zone, prefixes]) =>
      prefixes.split(' ').map((prefix): [string, string] => [`${country}${prefix}`, zone]),
    ),
  ),
)

const countryZones = new Map<string, string | undefined>()

/** undefined: the country is not known to have a zone. */
export function zoneOfCountry(country: string): string | undefined {
  if (!countryZones.has(country)) countryZones.set(country, mainZones[country] ?? zonesByIntl(country)[0])
  return countryZones.get(country)
}

export function zoneOfNumber(country: string, nationalNumber: string): string | undefined {
  for (const digits of [3, 2, 1]) {
    const zone = zoneByPrefix.get(country + nationalNumber.slice(0, digits))
    if (zone) return zone
  }
  return zoneOfCountry(country)
}

export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name)

function zonesByIntl(country: string): string[] {
  // A property in Node 20, a function in newer engines; TypeScript's library knows neither yet.
  const locale: Intl.Locale & { timeZones?: string[]; getTimeZones?: () => string[] } = new Intl.Locale('und', {
    region: country,
  })
  return locale.getTimeZones?.() ?? locale.timeZones ?? []
}
