import { timeLeft } from "../../tools/doctor/time";

/** Before the tool's own clock: npm and Node, on a busy machine; and after all looks: putting it together. */
const AROUND_MILLISECONDS = 3_500;
/** How long it may take until the stack has told how to log in. */
const BEFORE = [0, 1_000, 2_000, 4_000, 8_000, 11_000];

test.each(BEFORE)("all is known within 20 s where the stack has told its logins after %d ms", (elapsed) => {
  const { lookMilliseconds, openingMilliseconds, mediaMilliseconds } = timeLeft(elapsed);
  expect(elapsed + lookMilliseconds + AROUND_MILLISECONDS).toBeLessThan(20_000);
  expect(openingMilliseconds + mediaMilliseconds).toBeLessThanOrEqual(lookMilliseconds);
});

test.each(BEFORE)("a host gives up its checks before it is given up itself, after %d ms", (elapsed) => {
  const { lookMilliseconds, checkSeconds, mediaMilliseconds, mediaSeconds } = timeLeft(elapsed);
  expect(checkSeconds).toBeGreaterThanOrEqual(2);
  expect(checkSeconds * 1000 + 2_000).toBeLessThan(lookMilliseconds);
  expect(mediaSeconds).toBeGreaterThanOrEqual(1.5);
  expect(mediaSeconds * 1000).toBeLessThan(mediaMilliseconds);
});

test("limits of programs are whole milliseconds, whatever the clock says", () => {
  const { lookMilliseconds, openingMilliseconds, mediaMilliseconds } = timeLeft(5_321.987);
  for (const limit of [lookMilliseconds, openingMilliseconds, mediaMilliseconds])
    expect(Number.isInteger(limit)).toBe(true);
});

test("on a machine with little to do every check has the time that it may take", () => {
  expect(timeLeft(1_500)).toMatchObject({
    checkSeconds: 10.5,
    openingMilliseconds: 5_400,
    mediaSeconds: 5.1,
  });
});
