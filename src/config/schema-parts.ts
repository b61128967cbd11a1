/** What the schemas of sources and of subscribers are made of. */
import * as v from "valibot";
import { parsePointer } from "../core/pointer.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** An object with these keys and no others. The library takes a list for an object (but not where it must choose a variant). */
export const exactly = <Entries extends v.ObjectEntries>(entries: Entries) => {
  const object = v.strictObject(entries);
  const list = v.never();
  return v.lazy((input): typeof object | typeof list => (Array.isArray(input) ? list : object));
};

export const named = <Key extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) => {
  const record = v.record(key, value);
  const list = v.never();
  return v.lazy((input): typeof record | typeof list => (Array.isArray(input) ? list : record));
};

export const whole = (minimum: number, maximum: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum));
export const text = (maximum = 512) => v.pipe(v.string(), v.minLength(1), v.maxLength(maximum));
export const name = v.pipe(v.string(), v.regex(NAME, "expected a name of a-z, 0-9 and -, at most 63 characters"));
export const headerName = v.pipe(v.string(), v.regex(HEADER_NAME, "expected the name of an HTTP header"));
export const url = v.pipe(v.string(), v.maxLength(2048), v.url("expected an absolute URL"));
export const pointer = v.pipe(
  v.string(),
  v.check(
    (value) => parsePointer(value) !== undefined && value !== "",
    "expected a JSON Pointer such as /data/document/number",
  ),
);

export const secretName = v.pipe(
  v.string(),
  v.regex(SECRET_NAME, "expected the name of a secret: letters, digits, - and _, at most 63"),
);
export const secret = exactly({ secret: secretName });
export const secrets = v.pipe(v.array(secret), v.minLength(1, "expected at least one secret"), v.maxLength(10));
