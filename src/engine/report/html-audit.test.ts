import { describe, expect, test } from "vitest";
import { auditDocumentOf, hostileItem } from "../../../test/builders/audit-document.ts";
import { makeAlert } from "../../contract/alerts.ts";
import { type AuditDocument, type AuditSpec, auditSpec } from "../../contract/domain/audit.ts";
import { auditCsv } from "./export-audit.ts";
import { renderAudit } from "./html-audit.ts";

const attacks = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</title></style><svg onload=alert(1)>",
  "\u202egnp.\u001b[31m",
];

function specOf(label: string): AuditSpec {
  return auditSpec.parse({
    base: label,
    tuned: [{ label, path: label }],
    tasks: [
      { name: `${label} old`, file: "f", role: "retain" },
      { name: "new", file: "n", role: "new" },
    ],
    settings: {},
    lambdas: [0.5],
    arms: ["scale", "step"],
  });
}

function documentOf(label: string): AuditDocument {
  const tasks = (lost: number): Record<string, [number, number, number]> => ({
    [`${label} old`]: [lost, 1, 0.01],
    new: [0, 40, 0.001],
  });
  const document = auditDocumentOf(specOf(label), {
    base: { [`${label} old`]: [90, 100], new: [50, 100] },
    measured: [
      { label, tasks: tasks(11) },
      { label, lambda: 0.5, tasks: tasks(6) },
      { label, lambda: 0.5, arm: "step", tasks: tasks(4) },
    ],
    failures: [{ label, path: label, error: { code: "internal", message: label, retryable: false } }],
    findings: [
      { id: "f", text: label, parts: [{ run: label }, { text: label }], evidence: { view: "forgetting", modules: [] } },
    ],
  });
  return { ...document, alerts: [makeAlert("audit.control-missing", label, label)] };
}

/** Names of the elements that the page opens. */
function elements(page: string): string[] {
  return (page.match(/<[a-z][^>]*>/gi) ?? []).map((tag) => tag.split(/[\s>]/)[0] ?? "");
}

describe("hostile names and texts", () => {
  test.each(attacks)("%j appears as text and nothing else", (attack) => {
    const page = renderAudit(documentOf(attack), [hostileItem(specOf(attack), attack, 1)]);
    const harmless = renderAudit(documentOf("a"), [hostileItem(specOf("a"), "a", 1)]);
    expect(elements(page)).toEqual(elements(harmless));
    for (const steering of ["\u202e", "\u001b"]) expect(page).not.toContain(steering);
  });
});

test("the page loads nothing, and holds table, sweep, controls and flips", () => {
  const page = renderAudit(documentOf("lora"), [hostileItem(specOf("lora"), "lora old", 1)]);
  expect((page.match(/<[a-z][^>]*>/gi) ?? []).join("")).not.toMatch(/<script|<link|<iframe|<object|\ssrc=|\shref=/i);
  expect(page).not.toMatch(/url\(|@import|https?:/i);
  const text = page.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  // 11 lost and 1 gained of 100: 90 right before, 80 after.
  expect(text).toMatch(/lora old 100 90\.0 % 80\.0 % −10\.00 \[−12\.0, −8\.0\] 11 1 0\.005 0\.01/);
  expect(text).toMatch(/same step 0\.50 87\.0 % −3\.00/);
  expect(text).toMatch(/intruders × λ 0\.50 85\.0 % −5\.00/);
  expect(text).toContain("all old tasks 100 90.0 % 80.0 % −10.00");
  // One path for each arm, from the trained model on.
  expect(page.match(/<path class="curve stroke-\d" stroke-dasharray="[^"]*" d="M[\d. ]+L[\d. ]+"/g)).toHaveLength(4);
  expect(text).toContain("11 answers lost and 41 gained by the runs as trained");
  expect(text).toContain("Holm over all 6 tests of the audit");
  expect(text).toContain("&lt;img src=x&gt;first line");
  expect(text).toContain("✓ right one");
});

test("CSV: one row per run × task × λ × arm, quoted, no formulas", () => {
  const [head = "", ...rows] = auditCsv(documentOf('=1,"x"')).trimEnd().split("\n");
  expect(head.split(",").slice(0, 6)).toEqual(["label", "task", "role", "metric", "lambda", "arm"]);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toMatch(/^"'=1,""x""","'=1,""x"" old",retain,acc,1,scale,100,0\.8,0\.9,-0\.1,/);
});
