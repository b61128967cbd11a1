/** Countries as ISO 3166-1 alpha-3, the only form in which an event names one. */

/** Every assigned alpha-3 code of ISO 3166-1. Most begin with their alpha-2 code … */
const FIRST_TWO_LETTERS = `
  AFG AIA ALB ARG ASM AUS AZE BEL BFA BGR BHR BLM BMU BOL BRA BTN BVT BWA CAN CCK CHE CIV CMR COL CRI CUB CXR
  CYP CZE DEU DJI DMA DOM DZA ECU EGY ERI ESP ETH FIN FJI FRA GAB GBR GEO GGY GHA GIB GMB GRC GTM GUM HKG HMD
  HND HRV HTI HUN IDN IMN IND IOT IRN ISL ITA JEY JOR JPN KEN KGZ KHM KIR KNA KWT LAO LBN LCA LIE LKA LSO LTU
  LUX LVA MAR MCO MDA MHL MKD MLI MMR MNG MRT MSR MUS MWI MYS NAM NCL NER NFK NGA NIC NLD NOR NPL NRU NZL OMN
  PAN PER PHL PRI PSE QAT REU ROU RUS RWA SAU SDN SGP SHN SJM SLE SMR SOM SSD STP SXM SYR TCA TGO THA TJK TKL
  TLS TON TTO TWN TZA UGA UMI USA UZB VAT VCT VEN VGB VIR VNM VUT WSM YEM ZAF ZMB ZWE
`;
/** … many have its letters first and last … */
const FIRST_AND_LAST_LETTER = `
  AND ARE ATG ARM AGO AUT ABW BRB BGD BDI BRN BHS BLZ COD CAF COG COK CHL CHN CPV CUW DNK ESH FLK FSM FRO GRD
  GUF GRL GIN GLP GNQ GUY IRQ JAM KOR KAZ LBR LBY MNE MAF MDG MNP MTQ MLT MDV MEX MOZ NIU PYF PNG PAK POL PCN
  PRT PLW PRY SLB SYC SWE SVK SEN SUR SLV SWZ TCD TKM TUN TUR TUV URY WLF
`;
/** … and before the others it is written out. */
const OTHERS = `
  AQ:ATA AX:ALA BA:BIH BJ:BEN BQ:BES BY:BLR EE:EST GS:SGS GW:GNB IE:IRL IL:ISR KM:COM KP:PRK KY:CYM MO:MAC
  PM:SPM RS:SRB SI:SVN TF:ATF UA:UKR YT:MYT
`;

const words = (text: string): string[] => text.trim().split(/\s+/);

const alpha3ByAlpha2: ReadonlyMap<string, string> = new Map([
  ...words(FIRST_TWO_LETTERS).map((code): [string, string] => [code.slice(0, 2), code]),
  ...words(FIRST_AND_LAST_LETTER).map((code): [string, string] => [code.charAt(0) + code.charAt(2), code]),
  ...words(OTHERS).map((pair): [string, string] => [pair.slice(0, 2), pair.slice(3)]),
]);

const alpha3: ReadonlySet<string> = new Set(alpha3ByAlpha2.values());

/**
 * The alpha-3 code of an alpha-2 or alpha-3 one, in either case. `undefined` for everything else: a country's name, or
 * the one-letter and pseudo-country codes of passports.
 */
export function toCountry(code: string): string | undefined {
  // Before any change of case: some letters outside ASCII turn into ASCII ones when upper-cased.
  if (!/^[A-Za-z]{2,3}$/.test(code)) return undefined;
  const upper = code.toUpperCase();
  return alpha3.has(upper) ? upper : alpha3ByAlpha2.get(upper);
}
