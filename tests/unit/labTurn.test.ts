import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { turnAt } from "../lab/support/turn";

test("of two files of the lab that need the same part of this machine, one waits for the other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lab-turn-"));
  try {
    const file = join(folder, "lock");
    const release = await turnAt(file);
    let hasTurn = false;
    const second = turnAt(file).then((end) => {
      hasTurn = true;
      return end;
    });
    await pause(500);
    expect(hasTurn).toBe(false);
    release();
    (await second)();
    expect(hasTurn).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
