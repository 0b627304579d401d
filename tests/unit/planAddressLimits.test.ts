import * as fc from "fast-check";
import { addressLimits } from "../../plan/addressLimits";
import { turnQuotas } from "../../plan/turn";
import { webLimits } from "../../plan/webLimits";
import { bridge, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3)]);
const audiences = fc.integer({ min: 1, max: 20_000 });

function limits(audienceParticipants: number, sharesHttps = false) {
  if (!plan.turn) throw new Error("the fixture has TURN");
  const { opened, held } = addressLimits({
    ...{ ...plan, audienceParticipants },
    turn: { ...plan.turn, sharesHttps },
  });
  const named = <T extends { name: string }>(all: T[], name: string) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(name);
    return found;
  };
  return {
    opened: (name: string) => named(opened, name),
    held: (name: string) => named(held, name),
  };
}

test("a whole audience behind one address gets in, over HTTP, at the page and through TURN, also twice in a row", () => {
  fc.assert(
    fc.property(audiences, (people) => {
      const { opened, held } = limits(people);
      expect(held("http").perAddress).toBeGreaterThanOrEqual(people);
      // A page and a websocket each, and those of before, which nobody has noticed to be dead.
      expect(held("https").perAddress).toBeGreaterThanOrEqual(2 * 2 * people);
      expect(opened("https").burst).toBeGreaterThanOrEqual(2 * 2 * people);
      // The page's two URLs, and again, as far as there are ports for it.
      expect(held("turn").perAddress).toBeGreaterThanOrEqual(Math.min(2 * 2 * people, 8192));
      expect(opened("turn").burst).toBeGreaterThanOrEqual(held("turn").perAddress);
    }),
  );
});

test("where 443 is TURN's as well, both fit", () => {
  fc.assert(
    fc.property(audiences, (people) => {
      const apart = limits(people);
      const { held, opened } = limits(people, true);
      expect(held("https").perAddress).toBe(apart.held("https").perAddress + apart.held("turn").perAddress);
      expect(opened("https").burst).toBe(apart.opened("https").burst + apart.opened("turn").burst);
    }),
  );
});

test("what one address holds of TURN, over UDP also for the ten minutes after, leaves others a quarter of all", () => {
  fc.assert(
    fc.property(audiences, (people) => {
      const { opened, held } = limits(people);
      const udp = opened("turn_udp");
      const alive = held("turn").perAddress + udp.burst + 10 * udp.perMinute;
      // Minutes are whole numbers: rounding may cost one allocation for each, and one more.
      expect(turnQuotas(people).total - alive).toBeGreaterThanOrEqual(turnQuotas(people).total / 4 - 11);
    }),
  );
});

test("coturn's own flows to a bridge all get in: it is one address, and relays to two of each bridge", () => {
  fc.assert(
    fc.property(audiences, (people) => {
      const { held, opened } = limits(people);
      expect(held("media").perAddress).toBeGreaterThanOrEqual(2 * turnQuotas(people).total);
      expect(opened("media").burst).toBeGreaterThanOrEqual(2 * turnQuotas(people).total);
    }),
  );
});

test("nginx lets through what the firewall lets in", () => {
  fc.assert(
    fc.property(audiences, (people) => {
      const { websockets, held } = webLimits({ audienceParticipants: people });
      expect(limits(people).held("https").perAddress).toBeGreaterThan(held);
      expect(limits(people).opened("https").burst).toBeGreaterThanOrEqual(2 * websockets.burst);
      expect(limits(people).opened("https").perMinute / 60).toBeGreaterThanOrEqual(
        2 * websockets.perSecond - 2,
      );
    }),
  );
});
