import { existsSync } from "node:fs";
import { run } from "./run";

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

/** What is left of every lab on this machine: the bridge and the table that all of them share. */
export async function sharedTraces(): Promise<string[]> {
  const found: string[] = [];
  if ((await run("ip", ["link", "show", "amlab0"])).code === 0) found.push("the network bridge amlab0");
  if ((await run("nft", ["list", "table", "inet", "amlab"])).code === 0) found.push("the nft table amlab");
  return found;
}
