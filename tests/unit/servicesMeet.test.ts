import { createContext, runInContext } from "node:vm";
import * as fc from "fast-check";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf, verificationOf } from "../../services/onHost";
import type { Files } from "../../services/manifest";
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

/** What the page's second file adds to the package's own. */
function interfaceOf(of: Partial<DeploymentPlan>): Record<string, unknown> {
  const text = meet(of)[`${FOLDER}-interface_config.js`]?.content.split("\n").slice(1).join("\n") ?? "";
  const context = createContext({ interfaceConfig: {} });
  runInContext(text, context);
  return JSON.parse(runInContext("JSON.stringify(interfaceConfig)", context) as string) as Record<
    string,
    unknown
  >;
}

function meet(of: Partial<DeploymentPlan>): Files {
  return groupsOf({ ...plan, ...of }, "core").find(({ group }) => group === "meet")?.files ?? {};
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

describe("a logo", () => {
  const base64 = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString("base64");
  const own = withWeb({ logo: { kind: "svg", base64 } });

  test("of our own lies beside the page's settings, and another file has another address", () => {
    const spec = meet(own)[`${FOLDER}-logo.svg`];
    expect(spec).toMatchObject({ content: base64, encoding: "base64", mode: "0644", units: {} });
    const address = (of: Partial<DeploymentPlan>) => evaluated(configText(of))["defaultLogoUrl"] as string;
    expect(address(own)).toMatch(/^\/images\/audio-meet-logo\.svg\?v=[0-9a-f]{12}$/);
    const other = withWeb({ logo: { kind: "svg", base64: Buffer.from("<svg/>").toString("base64") } });
    expect(address(other)).not.toBe(address(own));
  });

  test("elsewhere is its address, and nothing of it is here", () => {
    const url = "https://www.example.org/logo.svg";
    const away = withWeb({ logo: { url } });
    expect(evaluated(configText(away))["defaultLogoUrl"]).toBe(url);
    expect(Object.keys(meet(away)).filter((path) => path.includes("logo"))).toEqual([]);
  });

  test("is that of the start page and of a conference, and leads to the start page", () => {
    const address = evaluated(configText(own))["defaultLogoUrl"];
    expect(interfaceOf(own)).toMatchObject({
      DEFAULT_LOGO_URL: address,
      DEFAULT_WELCOME_PAGE_LOGO_URL: address,
      JITSI_WATERMARK_LINK: "https://meet.example.org/",
    });
  });

  test("is asked for by the verification where it is ours", () => {
    const paths = (of: Partial<DeploymentPlan>) =>
      verificationOf({ ...plan, ...of }, "core").flatMap((check) =>
        check.kind === "https" ? check.path : [],
      );
    expect(paths(own)).toContain("/images/audio-meet-logo.svg");
    expect(paths(withWeb({ logo: { url: "https://www.example.org/logo.svg" } }))).toEqual(paths({}));
  });

  test("that nobody has leaves the page as the package has it", () => {
    expect(evaluated(configText({}))).not.toHaveProperty("defaultLogoUrl");
    expect(Object.keys(interfaceOf({})).sort()).toEqual(["APP_NAME", "NATIVE_APP_NAME", "PROVIDER_NAME"]);
  });
});

describe("links", () => {
  const links = {
    privacy: "https://www.example.org/privacy",
    imprint: "https://www.example.org/imprint",
    terms: "https://www.example.org/terms",
    help: "https://www.example.org/help?a=1&b=2",
  };
  const linked = withWeb({ links });

  test("have Jitsi's own names, as far as it has them", () => {
    const config = evaluated(configText(linked));
    expect(config["legalUrls"]).toEqual({
      privacy: links.privacy,
      terms: links.terms,
      helpCentre: links.help,
    });
    expect(config["deploymentUrls"]).toEqual({ userDocumentationURL: links.help });
    expect(config.toolbarButtons).toContain("help");
  });

  test("stand on the start page, the imprint among them, and a conference leads there", () => {
    const page = meet(linked)[`${FOLDER}-links.html`]?.content ?? "";
    for (const url of Object.values(links)) expect(page).toContain(`href="${url.replace("&", "&#38;")}"`);
    expect(page.match(/>[^<>]+<\/a>/g)).toEqual(
      ["Privacy policy", "Legal notice", "Terms of use", "Help"].map((label) => `>${label}</a>`),
    );
    expect(interfaceOf(linked)).toMatchObject({
      DISPLAY_WELCOME_PAGE_CONTENT: true,
      JITSI_WATERMARK_LINK: "https://meet.example.org/",
    });
  });

  test.each([
    ["de", "Impressum"],
    ["frCA", "Mentions légales"],
    ["ja", "Legal notice"],
  ])("of a page in %s are called %s", (language, label) => {
    const only = withWeb({ language, links: { imprint: links.imprint } });
    expect(meet(only)[`${FOLDER}-links.html`]?.content).toContain(`>${label}</a>`);
  });

  test("that nobody has change nothing", () => {
    const config = evaluated(configText({}));
    expect(config).not.toHaveProperty("legalUrls");
    expect(config).not.toHaveProperty("deploymentUrls");
    expect(meet({})[`${FOLDER}-links.html`]?.content).toBe(
      '<template id="welcome-page-additional-content-template"></template>\n',
    );
  });
});

test("a logo and links change files of the page alone, so that nothing restarts or reloads", () => {
  const logo = { kind: "png", base64: "iVBORw0KGgo=" } as const;
  const web = withWeb({ logo, links: { imprint: "https://www.example.org/" } });
  const groups = (of: Partial<DeploymentPlan>) => groupsOf({ ...plan, ...of }, "core");
  const before = new Map(groups({}).map((group) => [group.group, JSON.stringify(group)]));
  const changed = groups(web).filter((group) => before.get(group.group) !== JSON.stringify(group));
  expect(changed.map(({ group }) => group)).toEqual(["meet"]);
  for (const { units } of Object.values(changed[0]?.files ?? {})) expect(units).toEqual({});
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
