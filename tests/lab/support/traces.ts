import { existsSync } from "node:fs";
import { run } from "../../../lab/run";

/** What is left of a lab on this machine, in words: its folder, its mounts, processes that work in it. */
export async function traces(folder: string): Promise<string[]> {
  const found: string[] = [];
  if (existsSync(folder)) found.push(`the folder ${folder}`);
  const mounts = await run("findmnt", ["-rno", "TARGET"]);
  found.push(...mounts.stdout.split("\n").filter((target) => target.startsWith(folder)));
  const processes = await run("ps", ["-eo", "pid,args", "ww"]);
  found.push(...processes.stdout.split("\n").filter((line) => line.includes(`${folder}/`)));
  return found;
}
