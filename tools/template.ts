/** Makes a folder that `pulumi new` takes: `npm run --silent template -- FOLDER`. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { finish, type Outcome } from "./outcome";
import { packed } from "./package";

const USAGE = "usage: npm run --silent template -- FOLDER";
const SOURCE = join(__dirname, "..", "template");

/** The template's files and the packed library, under the name that its package.json has, in a folder that is new or empty. */
function template(words: string[]): Outcome {
  const [given, ...more] = words;
  if (given === undefined || more.length > 0) return { code: 2, stdout: [], stderr: [USAGE] };
  const folder = resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    return { code: 1, stdout: [], stderr: [`${folder} is not empty: name another folder, or empty it`] };
  mkdirSync(folder, { recursive: true });
  cpSync(SOURCE, folder, { recursive: true });
  renameSync(packed(folder), join(folder, "audio-meet.tgz"));
  return { code: 0, stdout: [`pulumi new ${folder} --dir PROJECT`], stderr: [] };
}

if (require.main === module) finish(template(process.argv.slice(2)));
