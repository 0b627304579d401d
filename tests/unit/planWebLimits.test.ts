import * as fc from "fast-check";
import { webLimits, type Rate } from "../../plan/webLimits";

const audiences = fc.integer({ min: 1, max: 20_000 });

/** Whether so many requests, one after the other at a steady rate, all pass. */
function passes({ perSecond, burst }: Rate, requests: number, arrivalsPerSecond: number): boolean {
  const excess = requests * Math.max(0, 1 - perSecond / arrivalsPerSecond);
  return excess <= burst;
}

test("a whole audience behind one address is never refused, however fast it comes", () => {
  fc.assert(
    fc.property(audiences, fc.integer({ min: 1, max: 100_000 }), (participants, arrivals) => {
      const { websockets, held } = webLimits({ audienceParticipants: participants });
      // Everybody, then everybody again after a cut, while the old websockets are still there.
      expect(passes(websockets, 2 * participants, arrivals)).toBe(true);
      expect(held).toBeGreaterThanOrEqual(2 * participants);
    }),
  );
});

test("ten times the audience at once is refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 20_000 }), (participants) => {
      expect(
        passes(
          webLimits({ audienceParticipants: participants }).websockets,
          10 * participants,
          10 * participants,
        ),
      ).toBe(false);
    }),
  );
});

test("one address at its limits, with port 80 full, leaves room for everybody else on the same worker", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (participants) => {
      const { workerConnections, openFiles, held, connections, plainConnections } = webLimits({
        audienceParticipants: participants,
      });
      const websockets = 2 * held;
      const others = connections - held;
      const left = workerConnections - websockets - others - plainConnections.together;
      // A websocket, which is two, and a page.
      expect(left).toBeGreaterThanOrEqual(3 * participants);
      expect(plainConnections.perAddress).toBeLessThan(plainConnections.together);
      expect(openFiles).toBeGreaterThan(workerConnections);
    }),
  );
});

test("500 people: 34 joins a second for ever, 2000 at once, 1500 connections", () => {
  expect(webLimits({ audienceParticipants: 500 })).toMatchObject({
    websockets: { perSecond: 34, burst: 2000 },
    held: 1500,
    connections: 3000,
    plainConnections: { perAddress: 500, together: 1000 },
    workerConnections: 7000,
  });
  expect(
    [50, 3000].map((participants) => webLimits({ audienceParticipants: participants }).workerConnections),
  ).toEqual([4096, 42_000]);
});
