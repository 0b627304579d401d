import fc from "fast-check";
import { withFeatures } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { anyStep, EVENING, type Heard, Room, ROOM, sparedFor, step, type Step } from "./xmpp/evening";
import { type Changes, MISSING, type MainProsody, startMain } from "./xmpp/mainProsody";
import { groupchat, Person } from "./xmpp/person";
import { StandInFocus } from "./xmpp/standInFocus";
import { planOfKeptStreams, TOKEN } from "./xmpp/tokenLogin";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;
const { domain, auth } = PLAN.names;
/** Evenings of chance; more of them by hand. */
const RUNS = Number(process.env["AUDIO_MEET_EVENINGS"] ?? 3);

/** Prosody by itself. */
const STOCK: Changes = { without: ["broadcast_once"] };

/** An evening on which some are away for a while, two of them at once. */
const EVENING_AWAY = [
  ...[0, 1, 2].map((who) => step("comes", who, `<O'Hara & "é日">`)),
  ...[
    step("is away", 1),
    step("speaks", 0, "Good evening, <all>"),
    step("is away", 2),
    step("comes", 3, "b"),
  ],
  ...[step("changes", 0, "'muted'"), step("whispers", 0, "you"), step("speaks", 1, "back"), step("goes", 3)],
  ...[step("is away", 0), step("is made owner", 0), step("speaks", 2, "back"), step("is away", 1)],
  ...[step("speaks", 0, "still here"), step("is put out", 1, "too loud"), step("speaks", 2, "good night")],
];

/** A module that writes, deep inside, into presences that are sent again. */
const MEDDLER_OF_RETURNS = `
  if module.host ~= "${domain}" then return end
  local filters = require "prosody.util.filters"
  filters.add_filter_hook(function (session)
    filters.add_filter(session, "stanzas/out", function (stanza)
      local again = stanza.name == "presence" and stanza:get_child("delay", "urn:xmpp:delay")
      local nick = again and stanza:get_child("nick", "http://jabber.org/protocol/nick")
      if nick then nick[1] = (nick[1] or "") .. " again" end
      return stanza
    end, -5)
  end)
`;

/** Another mod_smacks, as far as that matters: what it keeps has something else in it. */
const OTHER_QUEUE = `
  local smqueue, st = require "prosody.util.smqueue", require "prosody.util.stanza"
  local new = smqueue.new
  function smqueue.new(size)
    local queue = new(size)
    function queue:push(item)
      if st.is_stanza(item) then item:text_tag("other", "word") end
      return getmetatable(self).__index.push(self, item)
    end
    return queue
  end
`;

const isAgain = (stanza: string) => stanza.includes("urn:xmpp:delay");
const atFirst = (heard: Heard): Heard =>
  Object.fromEntries(Object.entries(heard).map(([name, all]) => [name, all.filter((one) => !isAgain(one))]));

/** What is said while somebody has no connection is sent to him whole afterwards: that is rare. */
function expectSpared(ours: Heard, stock: Heard): void {
  expect(atFirst(ours)).toEqual(atFirst(sparedFor(stock)));
  expect(sparedFor(ours)).toEqual(sparedFor(stock));
}

withProsody(`what goes to everybody in a room, with stream management${skipped}`, () => {
  let prosody: MainProsody;

  afterEach(async () => prosody.stop());

  /** What is heard on an evening of people who have a token. */
  async function heard(steps: Step[], changes: Changes, plan = planOfKeptStreams()): Promise<Heard> {
    prosody = await startMain(plan, changes);
    const room = await Room.open(prosody, { login: { token: TOKEN }, keeps: true });
    const all = await room.plays(steps);
    await prosody.stop();
    return all;
  }

  test("is heard as Prosody by itself has it, and what was missed while away, each once", async () => {
    const whole = planOfKeptStreams({ slimPresences: false });
    const stock = await heard(EVENING_AWAY, STOCK, whole);
    expect(Object.values(stock).flat().filter(isAgain).length).toBeGreaterThan(16);
    expect(await heard(EVENING_AWAY, {}, whole)).toEqual(stock);
    expect(prosody.log()).not.toContain("written anew");
  });

  test("is heard by pages without what none of them reads, also when it is sent again", async () => {
    expectSpared(await heard(EVENING_AWAY, {}), await heard(EVENING_AWAY, STOCK));
  });

  test("is heard so by those who do not come back, and by the others of them", async () => {
    const options = "smacks_hibernation_time = 1";
    const plan = withFeatures(PLAN, { streamManagement: true, slimPresences: false });
    const evening = async (changes: Changes) => {
      prosody = await startMain(plan, { options, ...changes });
      const all = await (await Room.open(prosody, { keeps: true })).plays(EVENING);
      await prosody.stop();
      return all;
    };
    expect(await evening({})).toEqual(await evening(STOCK));
  });

  test("is each one's own once it is sent again: what a module writes into it nobody else hears", async () => {
    const modules = { meddler: MEDDLER_OF_RETURNS };
    const steps = [
      ...[step("comes", 0, "a"), step("comes", 1, "b"), step("comes", 2, "c"), step("changes", 0, "to both")],
      ...[step("is away", 1), step("is away", 2), step("speaks", 1, "back"), step("speaks", 2, "back")],
    ];
    const stock = await heard(steps, { ...STOCK, modules });
    expect(JSON.stringify(stock).match(/>to both again</g)).toHaveLength(2);
    expect(await heard(steps, { modules }, planOfKeptStreams({ slimPresences: false }))).toEqual(stock);
  });

  test("is heard so whatever happens", async () => {
    const kinds = [
      "is away",
      "is away",
      "goes",
      "changes",
      "speaks",
      "whispers",
      "is put out",
      "is made owner",
    ] as const;
    const anyEvening = fc.array(anyStep(...kinds), { minLength: 20, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyEvening, async (steps) => {
        const all = [step("comes", 0, "a"), step("comes", 1, "b"), ...steps];
        expectSpared(await heard(all, {}), await heard(all, STOCK));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 600_000);

  test("is kept as mod_smacks has it, with a warning, once that keeps something else than was expected", async () => {
    const modules = { other_queue: OTHER_QUEUE };
    const stock = await heard(EVENING_AWAY, { ...STOCK, modules });
    const ours = await heard(EVENING_AWAY, { modules }, planOfKeptStreams({ slimPresences: false }));
    expect(prosody.log()).toMatch(/warn.*written anew.*differs from what mod_smacks would/);
    expect(JSON.stringify(stock)).toContain("<other>word</other>");
    expect(ours).toEqual(stock);
  });

  /** How often a listener is asked for an acknowledgement, while jicofo says so many things one after the other. */
  async function timesAsked(things: number, broadcastOnce = true): Promise<number> {
    prosody = await startMain(planOfKeptStreams({ broadcastOnce }));
    const jicofo = (await StandInFocus.start(prosody, domain, auth)).person;
    await jicofo.join(ROOM, "focus");
    const listener = await Person.enter(prosody.port, domain, { host: domain, token: TOKEN });
    await listener.keepStream();
    await listener.join(ROOM, "0000000a");
    let asked = 0;
    listener.listen((stanza) => (asked += stanza.startsWith("<r ") ? 1 : 0));
    for (let turn = 1; turn <= things; turn += 1) {
      const arrives = listener.hears(new RegExp(`<body>${turn}<`));
      jicofo.say(groupchat(ROOM, String(turn)));
      await arrives;
    }
    await prosody.stop();
    return asked;
  }

  test("is acknowledged after a hundred stanzas, and not after each", async () => {
    expect(await timesAsked(250)).toBe(2);
    expect(await timesAsked(25, false)).toBeGreaterThan(20);
  });
});
