import { describe, expect, it } from "vitest";
import { checkFilter, matches, mentions, type Filter } from "../../src/core/filter.ts";

const EVENT = {
  type: "idv.session.finished",
  outcome: "approved",
  environment: "live",
  source: "/in/seon-live",
  data: {
    score: 0.5,
    flagged: false,
    empty: null,
    zero: 0,
    checks: [
      { kind: "liveness", result: "pass", score: 0.98 },
      { kind: "document", result: "fail" },
    ],
    tags: ["a", "b"],
    nested: [[{ deep: 1 }], [{ deep: 2 }]],
    extracted: { "device.os": "iOS", "device.os.version": "17", device: { model: "x" }, "": "unnamed" },
  },
};

const passes = (filter: unknown): boolean => matches(filter as Filter, EVENT, "seon-live");

const CONDITIONS: [string, Filter, boolean][] = [
  ["a value equals", { outcome: "approved" }, true],
  ["a value differs", { outcome: "declined" }, false],
  ["a number equals", { "data.score": 0.5 }, true],
  ["false is a value", { "data.flagged": false }, true],
  ["zero is a value", { "data.zero": 0 }, true],
  ["a number is not the text of it", { "data.score": "0.5" }, false],
  ["$eq equals", { outcome: { $eq: "approved" } }, true],
  ["$eq differs", { outcome: { $eq: "declined" } }, false],
  ["$ne equals", { outcome: { $ne: "approved" } }, false],
  ["$ne differs", { outcome: { $ne: "declined" } }, true],
  ["$ne of another type", { "data.score": { $ne: "0.5" } }, true],
  ["$in holds it", { outcome: { $in: ["approved", "declined"] } }, true],
  ["$in does not hold it", { outcome: { $in: ["declined"] } }, false],
  ["$in an empty list", { outcome: { $in: [] } }, false],
  ["$nin holds it", { outcome: { $nin: ["approved"] } }, false],
  ["$nin does not hold it", { outcome: { $nin: ["declined"] } }, true],
  ["$nin an empty list", { outcome: { $nin: [] } }, true],
  ["$gt below", { "data.score": { $gt: 0.4 } }, true],
  ["$gt equal", { "data.score": { $gt: 0.5 } }, false],
  ["$gte equal", { "data.score": { $gte: 0.5 } }, true],
  ["$gte above", { "data.score": { $gte: 0.6 } }, false],
  ["$lt above", { "data.score": { $lt: 0.6 } }, true],
  ["$lt equal", { "data.score": { $lt: 0.5 } }, false],
  ["$lte equal", { "data.score": { $lte: 0.5 } }, true],
  ["$lte below", { "data.score": { $lte: 0.4 } }, false],
  ["texts have an order", { outcome: { $gt: "a", $lt: "b" } }, true],
  ["a number has no order among texts", { "data.score": { $gt: "0" } }, false],
  ["a text has no order among numbers", { outcome: { $lt: 5 } }, false],
  ["a boolean has no order", { "data.flagged": { $lt: 1 } }, false],
  ["$startsWith", { type: { $startsWith: "idv.session." } }, true],
  ["$startsWith another", { type: { $startsWith: "idv.watchlist." } }, false],
  ["$startsWith of a number", { "data.score": { $startsWith: "0" } }, false],
  ["$endsWith", { type: { $endsWith: ".finished" } }, true],
  ["$endsWith another", { type: { $endsWith: ".updated" } }, false],
  ["$exists", { "data.score": { $exists: true } }, true],
  ["$exists: false of what is there", { "data.score": { $exists: false } }, false],
  ["an object is there", { data: { $exists: true } }, true],
  ["all operators of one path must hold", { "data.score": { $gte: 0.5, $lt: 0.5 } }, false],
  ["all paths must hold", { outcome: "approved", environment: "test" }, false],
  ["no condition at all", {}, true],
];

const ABSENT: [string, unknown, boolean][] = [
  ["a value", "x", false],
  ["$eq", { $eq: "x" }, false],
  ["$in", { $in: ["x"] }, false],
  ["$gt", { $gt: 0 }, false],
  ["$gte", { $gte: 0 }, false],
  ["$lt", { $lt: 1 }, false],
  ["$lte", { $lte: 1 }, false],
  ["$startsWith", { $startsWith: "" }, false],
  ["$endsWith", { $endsWith: "" }, false],
  ["$exists: true", { $exists: true }, false],
  ["$exists: false", { $exists: false }, true],
  ["$ne", { $ne: "x" }, true],
  ["$nin", { $nin: ["x"] }, true],
];

describe("one condition", () => {
  it.each(CONDITIONS)("%s", (_name, filter, expected) => {
    expect(passes(filter)).toBe(expected);
  });
});

describe("an absent path matches only $exists: false, $ne and $nin", () => {
  it.each(ABSENT)("%s", (_name, condition, expected) => {
    for (const path of ["nothing", "data.nothing", "outcome.nothing", "data.checks.nothing", "data.empty"])
      expect(passes({ [path]: condition })).toBe(expected);
  });

  it("is not found among what every object inherits", () => {
    for (const path of ["constructor", "data.toString", "data.__proto__", "data.checks.length"])
      expect(passes({ [path]: { $exists: true } })).toBe(false);
  });
});

describe("a list matches by any element", () => {
  it.each<[string, Filter, boolean]>([
    ["a scalar among scalars", { "data.tags": "b" }, true],
    ["a scalar that is not among them", { "data.tags": "c" }, false],
    ["a member of any element", { "data.checks.kind": "document" }, true],
    ["an ordered member of any element", { "data.checks.score": { $gt: 0.9 } }, true],
    ["$ne holds where no element is it", { "data.tags": { $ne: "c" } }, true],
    ["$ne fails where an element is it", { "data.tags": { $ne: "a" } }, false],
    ["$nin fails where an element is in it", { "data.checks.result": { $nin: ["fail"] } }, false],
    ["a member of only some elements exists", { "data.checks.score": { $exists: true } }, true],
    ["lists of lists are looked through", { "data.nested.deep": 2 }, true],
  ])("%s", (_name, filter, expected) => {
    expect(passes(filter)).toBe(expected);
  });
});

describe("a name that holds dots", () => {
  it.each<[string, Filter, boolean]>([
    ["at the end of a path", { "data.extracted.device.os": "iOS" }, true],
    ["longer than another", { "data.extracted.device.os.version": "17" }, true],
    ["beside an object of its first part", { "data.extracted.device.model": "x" }, true],
    ["that is empty", { "data.extracted.": "unnamed" }, true],
    ["that is not there", { "data.extracted.device.brand": "iOS" }, false],
  ])("%s", (_name, filter, expected) => {
    expect(passes(filter)).toBe(expected);
  });
});

describe("source", () => {
  it("is the configured name, not the event's", () => {
    expect(passes({ source: "seon-live" })).toBe(true);
    expect(passes({ source: "/in/seon-live" })).toBe(false);
    expect(passes({ source: { $ne: "acme" } })).toBe(true);
  });
});

describe("$and, $or and $not", () => {
  const [yes, no] = [{ outcome: "approved" }, { outcome: "declined" }];
  it.each<[string, Filter, boolean]>([
    ["$and of true ones", { $and: [yes, yes] }, true],
    ["$and with a false one", { $and: [yes, no] }, false],
    ["$or with a true one", { $or: [no, yes] }, true],
    ["$or of false ones", { $or: [no, no] }, false],
    ["$not of a false one", { $not: no }, true],
    ["$not of a true one", { $not: yes }, false],
    ["$or beside a false condition", { $or: [yes], environment: "test" }, false],
    ["nested", { $or: [{ $and: [yes, { $not: no }] }, no] }, true],
    ["$not of an absent path", { $not: { nothing: "x" } }, true],
  ])("%s", (_name, filter, expected) => {
    expect(passes(filter)).toBe(expected);
  });
});

describe("mentions", () => {
  it.each<[string, Filter, boolean]>([
    ["at the top", { environment: "test" }, true],
    ["within $and", { $and: [{ outcome: "approved" }, { environment: "test" }] }, true],
    ["within $or within $not", { $not: { $or: [{ environment: { $ne: "live" } }] } }, true],
    ["only as a value", { outcome: "environment" }, false],
    ["only as part of a path", { "data.environment": "test" }, false],
  ])("%s", (_name, filter, expected) => {
    expect(mentions(filter, "environment")).toBe(expected);
  });
});

describe("the check of a written filter", () => {
  const pathsOf = (filter: unknown) => checkFilter(filter, ["filter"]).map(({ path }) => path.join("/"));

  it.each<[string, unknown, string[]]>([
    ["no object", "approved", ["filter"]],
    ["a list", [], ["filter"]],
    ["null", null, ["filter"]],
    ["an unknown operator", { type: { $regex: "MARKER" } }, ["filter/type/$regex"]],
    ["an operator that every object inherits", { type: { toString: "MARKER" } }, ["filter/type/toString"]],
    ["a list as value", { type: ["MARKER"] }, ["filter/type"]],
    ["null as value", { type: null }, ["filter/type"]],
    ["no operator", { type: {} }, ["filter/type"]],
    ["an unknown logical operator", { $nor: [{ type: "MARKER" }] }, ["filter/$nor"]],
    ["$and without a list", { $and: { type: "MARKER" } }, ["filter/$and"]],
    ["an empty $or", { $or: [] }, ["filter/$or"]],
    ["a fault within $or", { $or: [{ type: "x" }, { type: { $in: "MARKER" } }] }, ["filter/$or/1/type/$in"]],
    ["a fault within $not", { $not: { type: { $exists: "MARKER" } } }, ["filter/$not/type/$exists"]],
    ["$in of objects", { type: { $in: [{ MARKER: 1 }] } }, ["filter/type/$in"]],
    ["$gt of a boolean", { type: { $gt: true } }, ["filter/type/$gt"]],
    ["$startsWith of a number", { type: { $startsWith: 5 } }, ["filter/type/$startsWith"]],
    ["several at once", { a: null, b: { $eq: null, $ne: [] } }, ["filter/a", "filter/b/$eq", "filter/b/$ne"]],
  ])("names the place of %s and repeats nothing", (_name, filter, paths) => {
    expect(pathsOf(filter)).toEqual(paths);
    expect(JSON.stringify(checkFilter(filter).map(({ message }) => message))).not.toContain("MARKER");
  });

  it("accepts every filter that matches is tested with", () => {
    for (const [, filter] of CONDITIONS) expect(checkFilter(filter)).toEqual([]);
    for (const [, condition] of ABSENT) expect(checkFilter({ path: condition })).toEqual([]);
  });
});
