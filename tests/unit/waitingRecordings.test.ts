import { parseWaiting, waitingWords } from "../../lab/record/waiting";

const NAME = "20261123T140313Z-abc";
const REASON = "bucket b at https://10.213.0.1:8610: the storage does not answer (connection refused)";
const words = (printed: string) => waitingWords(parseWaiting("rec-a", printed));

describe("a recording that has not arrived", () => {
  test("is said to be safe, with the uploader's reason and the time of the next attempt", () => {
    const memory = JSON.stringify({
      reason: REASON,
      next: Date.UTC(2026, 10, 23, 14, 7, 12) / 1000,
      attempts: 2,
    });
    const said = words(`queue/${NAME}\t${memory}\n`);
    expect(said).toContain(`${NAME} on rec-a: ${REASON}; tried again at 14:07:12 UTC`);
    expect(said).toMatch(/nothing is lost: .*goes by itself/);
  });

  test.each([
    [`recordings/x\t\n`, "x on rec-a: jibri has not handed it over yet"],
    [`handover/x\t\n`, "x on rec-a: on its way, no attempt has failed so far"],
    [`queue/x\t{"files":{}}\n`, "x on rec-a: on its way, no attempt has failed so far"],
    ["", "no recorder has a recording either"],
  ])("in %j is said to be where it is", (printed, expected) => {
    expect(words(printed)).toContain(expected);
  });
});
