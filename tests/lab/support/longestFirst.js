const { mkdirSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { basename, join } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** How long each file took last on this machine, seconds by name; shared by clones. */
const CACHE = process.env.AUDIO_MEET_CACHE || join(homedir(), ".cache/audio-meet");
const TIMES = join(CACHE, "lab-seconds.json");

/** Begins the run: it and aws.lab.ts have instances, which one lab at a time may have, so that the later one would wait. */
const FIRST = "awsProtection.lab.ts";

function remembered() {
  try {
    return JSON.parse(readFileSync(TIMES, "utf8"));
  } catch {
    return {};
  }
}

/** Seconds that a file will take: as last time or, for one that never ran here, by its size, a minute for 2 kB. */
function expected(path, times) {
  const name = basename(path);
  return name === FIRST ? Infinity : (times[name] ?? statSync(path).size / 33);
}

/** The longest files first, so that none of them is left over when the other lanes have ended. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const times = remembered();
    return [...tests].sort((one, other) => expected(other.path, times) - expected(one.path, times));
  }

  cacheResults(tests, results) {
    super.cacheResults(tests, results);
    const times = remembered();
    for (const { testFilePath, perfStats, numFailingTests, skipped } of results.testResults)
      if (!skipped && numFailingTests === 0)
        times[basename(testFilePath)] = Math.round(perfStats.runtime / 1000);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(TIMES, JSON.stringify(times, null, 2));
  }
};
