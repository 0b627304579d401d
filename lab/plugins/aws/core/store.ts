import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { labFolder } from "./lab";
import { withLock } from "./lock";
import type { Kind, Objects, Stored } from "./objects";

/** An id that can be the name of a file. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Everything that the stand-in holds: LAB/aws/REGION/KIND/ID.json, one small file for each object. */
export class Store {
  readonly folder: string;

  constructor(lab = labFolder()) {
    this.folder = join(lab, "aws");
  }

  /** Runs alone among all plugin processes of this lab: what was checked in it still holds when something is written. */
  exclusively<T>(action: () => Promise<T>): Promise<T> {
    return withLock(dirname(this.folder), action);
  }

  get<K extends Kind>(region: string, kind: K, id: string): Stored<K> | undefined {
    return ID.test(id) ? read<K>(this.file(region, kind, id)) : undefined;
  }

  /** All objects of a kind in one region, ordered by their ids. */
  all<K extends Kind>(region: string, kind: K): Stored<K>[] {
    const folder = join(this.folder, region, kind);
    const files = entries(folder).filter((name) => name.endsWith(".json"));
    return files.flatMap((name) => read<K>(join(folder, name)) ?? []);
  }

  regions(): string[] {
    return entries(this.folder);
  }

  /** All objects of a kind, wherever. */
  everywhere<K extends Kind>(kind: K): Stored<K>[] {
    return this.regions().flatMap((region) => this.all(region, kind));
  }

  put<K extends Kind>(kind: K, object: Stored<K>): void {
    const file = this.file(object.region, kind, object.id);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(object, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
  }

  /** Removes an object and the folders that have become empty. */
  remove(region: string, kind: Kind, id: string): void {
    const file = this.file(region, kind, id);
    rmSync(file, { force: true });
    const parents = [dirname(file), join(this.folder, region), this.folder];
    parents.every(removeEmpty);
  }

  private file(region: string, kind: Kind, id: string): string {
    return join(this.folder, region, kind, `${id}.json`);
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function read<K extends Kind>(file: string): Stored<K> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Objects[K] & Stored<K>;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
