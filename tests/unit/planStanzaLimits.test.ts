import * as fc from "fast-check";
import { stanzaLimits } from "../../plan/stanzaLimits";

const audiences = fc.integer({ min: 1, max: 20_000 });

test("a whole audience behind one address joins, loads its pages anew and joins again, all in one second", () => {
  fc.assert(
    fc.property(audiences, (participants) => {
      const stanzasOfAJoin = 20;
      const { address, session, shared, waiting } = stanzaLimits(participants);
      expect(address.burst).toBeGreaterThanOrEqual(2 * stanzasOfAJoin * participants);
      // Each of them: a join, five presences after it, a hand, a microphone.
      expect(shared.burst).toBeGreaterThanOrEqual(2 + 5 + 2);
      expect(waiting).toBeGreaterThanOrEqual(2);
      expect(session.burst).toBeGreaterThan(stanzasOfAJoin);
    }),
  );
});

test("a moderator mutes everybody, one question each, and does so again", () => {
  fc.assert(
    fc.property(audiences, (participants) => {
      expect(stanzaLimits(participants).session.burst).toBeGreaterThan(2 * participants);
    }),
  );
});

test("a whole audience in meetings of two begins at once, and in others five minutes later", () => {
  fc.assert(
    fc.property(audiences, (participants) => {
      const { burst, perSecond } = stanzaLimits(participants).addressRooms;
      expect(burst).toBeGreaterThanOrEqual(participants / 2);
      expect(301 * perSecond).toBeGreaterThanOrEqual(participants / 2);
    }),
  );
});

test("500 people: 1200 stanzas of one, 20,000 of an address, 250 rooms", () => {
  expect(stanzaLimits(500)).toMatchObject({
    session: { burst: 1200, perSecond: 50 },
    address: { burst: 20_000, perSecond: 2000 },
    addressRooms: { burst: 250, perSecond: 0.833 },
  });
});
