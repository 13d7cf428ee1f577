import { tmpdir } from "node:os";
import { describe, expect, test, vi } from "vitest";
import {
  deltaOf,
  documentOf,
  exampleDocument,
  failedModuleOf,
  moduleOf,
} from "../../test/builders/analysis-document.ts";
import { fakeContext } from "../../test/builders/fake-context.ts";
import type { FakeAnswers } from "../../test/builders/fake-engine.ts";
import { doctorDocument, failureDocument, runsDocument } from "../contract/documents.ts";
import { type AnalysisDocument, type AnalysisSpec, analysisDocument } from "../contract/domain/analysis.ts";
import { DeltaScopeError } from "../contract/errors.ts";
import { runCommandLine } from "./program.ts";
import { displayWidth } from "./terminal/width.ts";

async function run(words: string, answers: FakeAnswers = {}, columns?: number) {
  const context = fakeContext(answers, columns === undefined ? {} : { columns, environment: { NO_COLOR: "1" } });
  const exitCode = await runCommandLine(words.split(" ").filter(Boolean), context);
  return { exitCode, out: context.stdout.text, err: context.stderr.text };
}

describe("analyze", () => {
  test("what was typed reaches the engine", async () => {
    const asked: AnalysisSpec[] = [];
    const words =
      "analyze --base /b --tuned one=/t1 /x/t2 --tuned /y/t2 --k 4 --epsilon 0.4 --side both --modules q_proj " +
      "--layers 1-2 --exact --as-merged --embeddings --seed 7 --threads 3 --memory 2GB --json --quiet";
    const { exitCode, err } = await run(words, { asked: (spec) => void asked.push(spec) });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(asked).toEqual([
      {
        base: "/b",
        tuned: [
          { label: "one", path: "/t1" },
          { label: "t2", path: "/x/t2" },
          { label: "t2-2", path: "/y/t2" },
        ],
        settings: { k: 4, epsilon: 0.4, side: "both", quick: false, exact: true, asMerged: true, seed: 7 },
        modules: "q_proj",
        layers: { from: 1, to: 2 },
        embeddings: true,
        threads: 3,
        memoryBytes: 2e9,
      },
    ]);
  });

  test("--json prints the document and nothing else", async () => {
    const { exitCode, out, err } = await run("analyze --tuned /t --json");
    expect(exitCode).toBe(0);
    expect(analysisDocument.parse(JSON.parse(out))).toEqual(exampleDocument());
    expect(err).toContain("16 modules");
  });

  test("findings first, then a row per run, then where the intruders sit", async () => {
    const { out } = await run("analyze --tuned /t", {}, 80);
    const lines = out.split("\n");
    const at = (start: string): number => lines.findIndex((line) => line.startsWith(start));
    expect(lines[at("• lora-r4")]).toBe("• lora-r4: 5 intruder dimensions in 2 of 8 modules, most in layers 2–3; fft:");
    expect(at("run ")).toBeGreaterThan(at("• lora-r4"));
    expect(lines[at("run ") + 1]).toMatch(/^lora-r4 +adapter +8 +5 in 2 +0\.63 % +50\.0 % +2\.0/);
    expect(lines[at("down_proj")]).toBe("down_proj  ··23");
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
  });

  test("medians speak of the modules that the totals count", async () => {
    const embedding = moduleOf({ layer: null, kind: "embed_tokens", group: "embedding", delta: deltaOf([9], 10) });
    const modules = [moduleOf({ layer: 0, kind: "q", delta: deltaOf([1, 1], 10) }), embedding];
    const { out } = await run("analyze --tuned /t", { document: documentOf([{ label: "t", modules }]) });
    expect(out).toMatch(/^t +adapter +1 +0 +0 % +14\.1 % +2\.0 +2 +1\.00/m);
  });

  test("text from files cannot steer the terminal", async () => {
    const evil = "\u001b]0;owned\u0007\u202e<b>\n";
    const modules = [moduleOf({ layer: 0, kind: `k${evil}`, name: `n${evil}`, intruders: 1, intruderEnergy: 0.1 })];
    const { out, err } = await run("analyze --tuned /t", { document: documentOf([{ label: `run${evil}`, modules }]) });
    expect(out + err).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(out).toContain("␛]0;owned␇⟨U+202E⟩<b>␊");
  });

  test("files are written after the work, each in its format", async () => {
    const exported: string[] = [];
    const folder = tmpdir();
    await run(`analyze --tuned /t --out ${folder}/a-b-c.json --out ${folder}/a-b-c.html --quiet`, {
      exported: (file, format) => void exported.push(`${format} ${file}`),
    });
    expect(exported).toEqual([`json ${folder}/a-b-c.json`, `html ${folder}/a-b-c.html`]);
  });

  test("a file that cannot be written spoils neither the document nor the other files", async () => {
    const folder = tmpdir();
    const exported: string[] = [];
    const { exitCode, out, err } = await run(
      `analyze --tuned /t --out ${folder}/a-b-c.json --out ${folder}/a-b-c.html --quiet --json`,
      {
        exported: (file, format) => {
          if (format === "json") throw new DeltaScopeError("output.unwritable", `${file}: the disk is full.`, file);
          exported.push(format);
        },
      },
    );
    expect({ exitCode, exported }).toEqual({ exitCode: 1, exported: ["html"] });
    expect(analysisDocument.parse(JSON.parse(out)).runs).toHaveLength(2);
    expect(err).toContain("error output.unwritable");
  });
});

describe("gates", () => {
  test("an exceeded gate ends with 3 and names run and value", async () => {
    const { exitCode, err } = await run("analyze --tuned /x/lora-r4 /x/fft --quiet --fail-on intruders>3");
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: "gate exceeded by lora-r4: intruders = 5 (--fail-on intruders>3)\n",
    });
  });

  test("one about a named run is told once, of that run", async () => {
    const { exitCode, err } = await run("analyze --tuned /x/lora-r4 /x/fft --quiet --fail-on lora-r4:intruders>3");
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: "gate exceeded by lora-r4: lora-r4:intruders = 5 (--fail-on lora-r4:intruders>3)\n",
    });
  });

  test("one that holds ends with 0", async () => {
    expect((await run("analyze --tuned /x/lora-r4 --quiet --fail-on intruders>5")).exitCode).toBe(0);
  });

  test("one that cannot be decided is a failure, not a pass", async () => {
    const document = documentOf([{ label: "t", modules: [moduleOf({ layer: 0, kind: "q", intruders: null })] }]);
    const { exitCode, err } = await run("analyze --tuned /t --quick --quiet --fail-on intruders>5", { document });
    expect(exitCode).toBe(1);
    expect(err).toContain("gate undecided by t: intruders = not measured");
  });

  test("a wrong expression is pointed at before any work", async () => {
    let asked = false;
    const { exitCode, err } = await run("analyze --tuned /t --fail-on intruder>5", {
      asked: () => {
        asked = true;
      },
    });
    expect({ exitCode, asked }).toEqual({ exitCode: 2, asked: false });
    expect(err.split("\n").slice(0, 2)).toEqual(["  intruder>5", "  ^"]);
  });
});

describe("failures", () => {
  const failure = new DeltaScopeError("source.not-found", "/t does not exist.", "/t");

  test("one line, a tip, exit code 1, and with --json a document", async () => {
    const { exitCode, out, err } = await run("analyze --tuned /t --json --quiet", { failure });
    expect(exitCode).toBe(1);
    expect(err).toBe(`error source.not-found: /t does not exist.\ntip: ${failure.tip}\n`);
    expect(failureDocument.parse(JSON.parse(out))).toEqual({ error: failure.toDocument() });
  });

  test("a run that was left out makes the whole fail, after the others were shown", async () => {
    const error = failure.toDocument();
    const document: AnalysisDocument = { ...exampleDocument(), failures: [{ label: "bad", path: "/t", error }] };
    const { exitCode, out, err } = await run("analyze --tuned /t --quiet", { document });
    expect(exitCode).toBe(1);
    expect(out).toContain("Left out: bad: source.not-found");
    expect(err).toContain("error source.not-found: bad: /t does not exist.");
  });

  test("a run without a single measured module makes the whole fail", async () => {
    const document = documentOf([{ label: "t", modules: [failedModuleOf(0, "q"), failedModuleOf(1, "q")] }]);
    const { exitCode, err } = await run("analyze --tuned /t --quiet", { document });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: "t: no module could be measured.\n" });
  });

  test.each([
    "bogus",
    "analyze",
    "analyze --tuned /t --k 0",
    "analyze --tuned /t --k many",
    "analyze --tuned /t --epsilon 1.5",
    "analyze --tuned /t --side up",
    "analyze --tuned /t --layers 5-1",
    "analyze --tuned /t --memory lots",
    "analyze --tuned /t --out report.pdf",
    "analyze --tuned /t --quick --exact",
    "analyze --tuned /t --modules (",
    "analyze --tuned a=/t a=/u",
    "analyze --tuned /t --unknown",
    "analyze stray --tuned /t",
    "inspect",
    "demo --out",
  ])("wrong usage: %s", async (words) => {
    const { exitCode, err, out } = await run(`${words} --json`.replace(" --out --json", " --out"));
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^error usage\.invalid: [^\n]+\ntip: [^\n]*--help[^\n]*\n$/);
    if (out !== "") expect(failureDocument.parse(JSON.parse(out)).error.code).toBe("usage.invalid");
  });

  test("Ctrl-C cancels once, keeps what is finished, and ends at once the second time", async () => {
    const waiting = Promise.withResolvers<void>();
    const context = fakeContext({ waitForCancel: true, waiting: waiting.resolve });
    const ended = runCommandLine(["analyze", "--tuned", "/t", "--json"], context);
    await waiting.promise;
    expect(context.stderr.text).toContain("analyze: 1/16");
    context.interrupt();
    context.interrupt();
    expect(context.endedWith, "the same key press, heard twice").toBeUndefined();
    const later = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1000);
    context.interrupt();
    later.mockRestore();
    expect(context.endedWith).toBe(130);
    expect(await ended).toBe(130);
    expect(context.stderr.text).toContain("error job.cancelled: The analysis was cancelled; 3 of 16 modules are kept.");
    expect(context.stderr.text).toContain("run the same command again");
    expect(failureDocument.parse(JSON.parse(context.stdout.text)).error.code).toBe("job.cancelled");
  });
});

describe("the other verbs", () => {
  const stored = {
    id: "0123456789abcdef",
    analysis: "a",
    label: "lora",
    kind: "adapter" as const,
    path: "/t",
    basePath: "/b",
    finishedAt: "2026-01-02T03:04:05.000Z",
    state: "finished" as const,
    modules: 28,
    shard: null,
  };

  test("compare lists stored runs or shows them side by side", async () => {
    const list = await run("compare --json", { runs: [stored] });
    expect(runsDocument.parse(JSON.parse(list.out)).runs).toEqual([stored]);
    expect((await run("compare", { runs: [stored] })).out).toMatch(/lora +adapter +finished +28 .* 0123456789abcdef$/m);
    const part = { ...stored, shard: { index: 1, count: 2 } };
    expect((await run("compare", { runs: [part] })).out).toMatch(/lora +adapter +finished, part 1\/2 +28 /);
    expect((await run("compare")).out).toContain("No runs are stored yet");
    expect(JSON.parse((await run("compare lora-r4 fft --json")).out).schema).toBe("deltascope.analysis/1");
  });

  test("demo analyses the copies", async () => {
    const asked: AnalysisSpec[] = [];
    const { exitCode, err } = await run("demo --out d", { asked: (spec) => void asked.push(spec) });
    expect(exitCode).toBe(0);
    expect(err).toContain("Demo checkpoints: /nowhere/d");
    expect(asked[0]).toMatchObject({ base: "/workspace/demo/base", tuned: [{ label: "lora-r4" }] });
  });

  test("doctor says each remedy and fails when something necessary is missing", async () => {
    const doctor = [
      { check: "Node", status: "ok" as const, detail: "24" },
      { check: "Native addon", status: "missing" as const, detail: "not built", remedy: "Install Rust." },
    ];
    const { exitCode, out } = await run("doctor", { doctor });
    expect(exitCode).toBe(1);
    expect(out).toBe(
      "ok       Node          24\nmissing  Native addon  not built\n                       → Install Rust.\n",
    );
    const json = await run("doctor --json", { doctor: doctor.slice(0, 1) });
    expect(json.exitCode).toBe(0);
    expect(doctorDocument.parse(JSON.parse(json.out)).checks).toEqual(doctor.slice(0, 1));
  });

  test("doctor --prepare-python shows the installer's lines before its own", async () => {
    const doctor = [{ check: "Python", status: "ok" as const, detail: "3.11.7" }];
    const prepared = ["Resolved 38 packages", "Installed \u001b[1mtorch"];
    const { exitCode, out, err } = await run("doctor --prepare-python", { doctor, prepared });
    expect(exitCode).toBe(0);
    expect(err).toContain("packages: Resolved 38 packages\n");
    expect(err).not.toContain("\u001b[1mtorch");
    expect(out).toBe("ok       Python  3.11.7\n");
    expect((await run("doctor", { doctor, prepared })).err).toBe("");
  });

  test.each(["inspect", "analyze", "compare", "demo", "doctor"])(
    "%s --help has an example and ends with 0",
    async (verb) => {
      const { exitCode, out } = await run(`${verb} --help`);
      expect(exitCode).toBe(0);
      expect(out).toMatch(/Examples?:\n {2}\$ deltascope /);
    },
  );

  test("without a verb the help is shown", async () => {
    expect(await run("")).toMatchObject({ exitCode: 2, out: expect.stringContaining("Usage: deltascope") });
    expect((await run("--version")).out).toBe("0.1.0\n");
  });
});
