import { linesOf } from "../config/extra/extra";
import { readHocon } from "../config/extra/hocon";
import { readLua } from "../config/extra/lua";
import { readNginx } from "../config/extra/nginx";
import { settingsOf } from "../config/extra/page";
import type { Value } from "../config/extra/reading";
import type { Settings } from "../config/schema";
import type { ExtraPlan } from "./types";

/** What the operator adds to files, read as it was judged: files are written from this and not from the text. */
export function extraPlan({ extra, web }: Settings): ExtraPlan {
  const read = <Found>(text: string | undefined, reader: (text: string) => Found[]) =>
    text === undefined ? [] : reader(linesOf(text));
  return {
    page: web.config === undefined ? [] : settingsOf(web.config as { [name: string]: Value }),
    nginx: read(extra.nginx, readNginx),
    prosody: read(extra.prosody, readLua),
    prosodyJvb: read(extra.prosodyJvb, readLua),
    jicofo: read(extra.jicofo, readHocon),
    videobridge: read(extra.videobridge, readHocon),
  };
}
