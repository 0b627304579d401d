import { table } from "../../bench/result";
import { RUN } from "./benchFixture";

test("a row counts CPU by those who joined, adds up who was lost, and says what else the machine did", () => {
  const cells = (table([RUN]).split("\n")[2] ?? "").split("|").map((cell) => cell.trim());
  expect(cells.slice(1, -1)).toEqual([
    "500 @ 30/s, stream management off",
    "400, 102",
    "1.23 s / 18 s",
    "0.20 s / 0.60 s",
    "36 s",
    "70 ms",
    "5 ms",
    "50 % / 5 %",
    "100 MB",
    "8 s",
    "2 s",
    "7 s, 0.5",
  ]);
});

test("every row has as many cells as the heading", () => {
  const widths = table([RUN, RUN])
    .trim()
    .split("\n")
    .map((row) => row.split("|").length);
  expect(new Set(widths).size).toBe(1);
});
