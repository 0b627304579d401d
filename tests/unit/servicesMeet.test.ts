import { createContext, runInContext } from "node:vm";
import * as fc from "fast-check";
import type { DeploymentPlan } from "../../plan/types";
import { bridge, content, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3)]);

interface PageConfig {
  hosts: Record<string, string>;
  toolbarButtons: string[];
  noticeMessage?: string;
  [key: string]: unknown;
}

const FOLDER = "/etc/jitsi/meet/meet.example.org";
const configText = (changed: Partial<DeploymentPlan>) =>
  content({ ...plan, ...changed }, "core", `${FOLDER}-config.js`);

/** What a browser makes of the file. Parsed in a realm of its own, hence the copy. */
function evaluated(text: string): PageConfig {
  const context = createContext({});
  runInContext(text, context);
  return JSON.parse(runInContext("JSON.stringify(config)", context) as string) as PageConfig;
}

const withWeb = (web: Partial<DeploymentPlan["web"]>) => ({ web: { ...plan.web, ...web } });

test("the page finds Prosody, the rooms and jicofo behind the one name that it came from", () => {
  expect(evaluated(configText({}))).toMatchObject({
    hosts: {
      domain: "meet.example.org",
      muc: "conference.meet.example.org",
      focus: "focus.meet.example.org",
    },
    websocket: "wss://meet.example.org/xmpp-websocket",
  });
});

test("the page is for microphones alone and talks to nobody else", () => {
  const config = evaluated(configText({}));
  expect(config).toMatchObject({
    startAudioOnly: true,
    channelLastN: 0,
    p2p: { enabled: false },
    bridgeChannel: { preferSctp: true },
    disableThirdPartyRequests: true,
    analytics: { disabled: true },
    defaultLanguage: "en",
  });
  expect(config).not.toHaveProperty("noticeMessage");
  for (const button of ["camera", "desktop", "videoquality", "select-background", "tileview", "help"]) {
    expect(config.toolbarButtons).not.toContain(button);
  }
  expect(config.toolbarButtons).toEqual(expect.arrayContaining(["microphone", "raisehand", "hangup"]));
});

test.each([
  [{ chat: false }, (config: PageConfig) => config.toolbarButtons.includes("chat"), [true, false]],
  [{ reactions: true }, (config: PageConfig) => config.toolbarButtons.includes("reactions"), [false, true]],
  [{ reactions: true }, (config: PageConfig) => config["disableReactions"], [true, false]],
  [
    { prejoinPage: false },
    (config: PageConfig) => config["prejoinConfig"],
    [{ enabled: true }, { enabled: false }],
  ],
  [{ displayNameRequired: false }, (config: PageConfig) => config["requireDisplayName"], [true, false]],
])("%j does something", (features, seen, [before, after]) => {
  expect(seen(evaluated(configText({})))).toEqual(before);
  expect(seen(evaluated(configText({ features: { ...plan.features, ...features } })))).toEqual(after);
});

const HOSTILE = [
  `He said "no" and 'yes'`,
  "C:\\new\\u0041",
  "</script><script>alert(1)</script>",
  '<!--#include virtual="/etc/passwd" --><!--<script>',
  "🙂 été 日本 \u2028\u2029",
  "{{config}} ${x} `y`",
  "*/ }; alert(1); /*",
];

test.each(HOSTILE)("the notice %j arrives as it was written", (notice) => {
  expect(evaluated(configText(withWeb({ notice }))).noticeMessage).toBe(notice);
});

test("whatever text is put in, config.js is JavaScript that says the same text and never leaves its script element", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(...HOSTILE, "</SCRIPT >", "<!--", "]]>", "\ud800"),
  );
  const text = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, text, (notice, title) => {
      fc.pre(notice !== "");
      const changed = withWeb({ notice, title });
      const config = configText(changed);
      expect(evaluated(config).noticeMessage).toBe(notice);
      expect(config).not.toMatch(/[<>]/);

      const [include, ...lines] = content(
        { ...plan, ...changed },
        "core",
        `${FOLDER}-interface_config.js`,
      ).split("\n");
      expect(include).toBe('<!--#include virtual="/interface_config.packaged.js" -->');
      const rest = lines.join("\n");
      expect(rest).not.toMatch(/[<>]/);
      const context = createContext({ interfaceConfig: {} as Record<string, string> });
      runInContext(rest, context);
      expect(runInContext("interfaceConfig.APP_NAME", context)).toBe(title);
    }),
  );
});

test("a title cannot leave its element", () => {
  const text = content(
    { ...plan, ...withWeb({ title: `</title><script>"&'` }) },
    "core",
    `${FOLDER}-title.html`,
  );
  expect(text).toContain("<title>&#60;/title&#62;&#60;script&#62;&#34;&#38;&#39;</title>");
  expect(text).not.toContain("<script>");
});
