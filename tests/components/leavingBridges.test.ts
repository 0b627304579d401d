import { plain } from "../../lab/plugins/shared/values";
import { changed, type Json } from "../unit/configFixtures";
import { deployment, steps } from "./support/deployment";
import type { Left } from "./support/providers";
import { awsStack, labStack, oneInstanceStack } from "./support/stacks";

const PRICE =
  "people on this bridge are moved to others before it goes: a gap of 1 s, then they hear each other twice for about 10 s";
const THREE = ["fra-1", "fra-2", "fra-3"];

/** What a preview says, of a stack that had these bridges, and whose machines stay but for those that are made anew. */
async function said(config: Json, { had = THREE, anew = [] as string[], parked = [] as string[] } = {}) {
  const bridges = Object.fromEntries(had.map((id) => [id, parked.includes(id) ? { parked: true } : {}]));
  return notesOf(config, { bridges, machines: ["core", ...had].filter((id) => !anew.includes(id)) });
}

async function notesOf(config: Json, left: Left): Promise<string[]> {
  const { notes } = await deployment(config, { preview: true, left });
  return notes.filter((note) => !note.includes("USD"));
}

const parkedSecond = (config: Json) => changed(config, ["regions", 0, "videobridges", 1, "parked"], true);

describe("a preview says which bridges are emptied, and what that costs who is on them", () => {
  test("one that is removed", async () => {
    expect(await said(labStack(["fra-1", "fra-3"]))).toEqual([`fra-2 goes: ${PRICE}`]);
  });

  test("one whose machine is replaced, in the lab and on EC2", async () => {
    expect(await said(labStack(THREE), { anew: ["fra-2"] })).toEqual([
      `fra-2 gets another machine: ${PRICE}`,
    ]);
    expect(await said(awsStack(), { had: ["fra-1", "iad-1"], anew: ["iad-1"] })).toEqual([
      `iad-1 gets another machine: ${PRICE}`,
    ]);
  });

  test("one at another address, where the provider tells an id of what is not made yet", async () => {
    const config = changed(labStack(THREE), ["regions", 0, "videobridges", 1, "generation"], 2);
    const { outputs } = await deployment(labStack(THREE));
    const bridges = plain(outputs["bridges"] ?? {}) as Left["bridges"];
    expect(await notesOf(config, { bridges, machines: ["core", ...THREE] })).toEqual([
      `fra-2 gets another machine: ${PRICE}`,
    ]);
    expect(await notesOf(labStack(THREE), { bridges, machines: ["core", ...THREE] })).toEqual([]);
  });

  test("one that is parked", async () => {
    expect(await said(parkedSecond(labStack(THREE)))).toEqual([`fra-2 is parked: ${PRICE}`]);
  });

  test("several, in the order of their names", async () => {
    expect(await said(labStack(["fra-2"]), { anew: ["fra-2"] })).toEqual([
      `fra-1 goes: ${PRICE}`,
      `fra-2 gets another machine: ${PRICE}`,
      `fra-3 goes: ${PRICE}`,
    ]);
  });
});

describe("nothing is said", () => {
  test("of bridges that stay, or come", async () => {
    expect(await said(labStack(THREE))).toEqual([]);
    expect(await said(labStack([...THREE, "fra-4"]))).toEqual([]);
    expect(await said(labStack(THREE), { had: [] })).toEqual([]);
  });

  test("of one that nobody is on, because it was parked", async () => {
    expect(await said(labStack(["fra-1", "fra-3"]), { parked: ["fra-2"] })).toEqual([]);
    expect(await said(parkedSecond(labStack(THREE)), { parked: ["fra-2"] })).toEqual([]);
  });

  test("of one whose new machine takes the address, so that nobody can be sent to the old one any more", async () => {
    expect(await said(oneInstanceStack(), { had: ["main"], anew: ["core", "main"] })).toEqual([]);
  });

  test("by the `up` itself, whose steps say it", async () => {
    const { notes } = await deployment(labStack(["fra-1"]), {
      left: { bridges: { "fra-1": {}, "fra-2": {} }, machines: [] },
    });
    expect(notes).toEqual([]);
  });
});

test("no step is another one because of what was there before", async () => {
  const inputs = async (had: string[]) => {
    const left = { bridges: Object.fromEntries(had.map((id) => [id, {}])), machines: ["core", ...had] };
    const run = await deployment(labStack(["fra-1"]), { preview: true, left });
    return steps(run).map(({ name, inputs: { create, delete: undo, stdin } }) => [name, create, undo, stdin]);
  };
  expect(await inputs(["fra-1", "fra-2"])).toEqual(await inputs(["fra-1"]));
});
