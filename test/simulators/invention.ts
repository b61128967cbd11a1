/** Invented ids and people, from an injected source of chance: the same seed invents the same ones. */

export interface Invention {
  hex(length: number): string;
  digits(length: number): string;
  uuid(): string;
  person(): InventedPerson;
}

export interface InventedPerson {
  givenName: string;
  familyName: string;
  email: string;
  /** A number of the range set aside for fiction. */
  phone: string;
  /** `YYYY-MM-DD` */
  birthDate: string;
  gender: "F" | "M";
  address: string;
  documentNumber: string;
}

const GIVEN_NAMES: readonly (readonly [string, InventedPerson["gender"]])[] = [
  ["Ana", "F"],
  ["Bruno", "M"],
  ["Chidi", "M"],
  ["Dorota", "F"],
  ["Elif", "F"],
  ["Farid", "M"],
  ["Grace", "F"],
  ["Hiro", "M"],
];
const FAMILY_NAMES = ["Sample", "Example", "Muster", "Exemplo", "Ejemplo", "Esempio"] as const;
const STREETS = ["Example Street", "Sample Avenue", "Test Lane", "Placeholder Road"] as const;

/** @param random 0..1 */
export function createInvention(random: () => number): Invention {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[below(list.length)] as T;
  const hex = (length: number) => Array.from({ length }, () => below(16).toString(16)).join("");
  const digits = (length: number) => Array.from({ length }, () => below(10)).join("");
  const twoDigits = (from: number, count: number) => String(from + below(count)).padStart(2, "0");

  return {
    hex,
    digits,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${pick(["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`,
    person() {
      const [givenName, gender] = pick(GIVEN_NAMES);
      const familyName = pick(FAMILY_NAMES);
      return {
        givenName,
        familyName,
        email: `${givenName}.${familyName}@example.test`.toLowerCase(),
        phone: `+1555010${digits(4)}`,
        birthDate: `${1950 + below(55)}-${twoDigits(1, 12)}-${twoDigits(1, 28)}`,
        gender,
        address: `${1 + below(200)} ${pick(STREETS)}, Miami`,
        documentNumber: `D${digits(3)}-${digits(6)}`,
      };
    },
  };
}

/** A source of chance that a seed repeats: 32 bits of state, good enough to invent with (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
