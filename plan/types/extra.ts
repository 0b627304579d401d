import type { Directive } from "../../config/extra/nginx";
import type { Setting } from "../../config/extra/reading";

/** What the operator adds to files of daemons; empty lists: nothing. */
export interface ExtraPlan {
  /** Settings of the page, merged into config.js. */
  page: Setting[];
  /** Directives for the server block of the page. */
  nginx: Directive[];
  prosody: Setting[];
  prosodyJvb: Setting[];
  jicofo: Setting[];
  videobridge: Setting[];
}
