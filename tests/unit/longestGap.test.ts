import { longestGap } from "../lab/support/faults/change";

/** Looks at a bridge each half second: how many people were on it at each of them. */
const looks = (from: number, ...people: number[]) =>
  people.map((now, index) => ({ at: from + 500 * index, endpoints: now, now }));

test("people who are on two bridges while they move are missed by nobody", () => {
  const one = looks(0, 20, 20, 20, 0, 0, 0);
  const other = looks(100, 20, 20, 40, 40, 40, 40);
  expect(longestGap([one, other], 200, 40)).toBe(0);
});

test("the time counts in which some were nowhere, the longest of two", () => {
  const one = looks(0, 20, 0, 0, 20, 20, 0, 0, 0, 0, 20);
  expect(longestGap([one], 0, 20)).toBe(2);
});

test("a bridge that says nothing any more has nobody on it", () => {
  const gone = looks(0, 20, 20);
  const stays = looks(100, ...Array<number>(12).fill(20));
  expect(longestGap([gone, stays], 0, 40)).toBeGreaterThanOrEqual(2);
});

test("what was before the change is not of it, and people who came before it are not missed", () => {
  expect(longestGap([looks(0, 0, 0, 0, 20, 20)], 1500, 20)).toBe(0);
  expect(longestGap([looks(0, 20, 20, 20, 20), looks(900, 20, 20)], 1000, 40)).toBe(0);
});
