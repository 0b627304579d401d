import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PORTS, type Port } from "../../facts/ports";
import { allPorts } from "../../services/onHost";
import { SERVICES } from "../../services/table";

const PAGE = readFileSync(join(__dirname, "..", "..", "docs", "ARCHITECTURE.md"), "utf8");

const WHERE: Record<Port["role"], string> = {
  core: "core",
  videobridge: "bridge",
  recorder: "recorder",
  monitoring: "monitoring",
  every: "every",
};
const WHO: Record<Port["from"], string> = {
  world: "everybody",
  bridges: "bridges",
  recorders: "recorders",
  loopback: "loopback",
  admin: "administrators",
  monitoring: "`jitsi:monitoring`",
};

function rowOf({ port, lastPort, protocol, role, from, why }: Port): string[] {
  return [`${port}${lastPort === undefined ? "" : `-${lastPort}`}/${protocol}`, WHERE[role], WHO[from], why];
}

test("docs/ARCHITECTURE.md has a row for each port of the services, with who reaches it and what for", () => {
  const [, section = ""] = PAGE.split("\n## Ports\n");
  const lines = (section.split("\nEvery host has")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("|"));
  const rows = lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(rows).toEqual(allPorts().map(rowOf));
});

test("a port belongs to one service, and every port of the table to some", () => {
  const names = SERVICES.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
  expect([...names].sort()).toEqual(Object.keys(PORTS).sort());
});
