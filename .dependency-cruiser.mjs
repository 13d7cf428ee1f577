// The table of ARCHITECTURE.md, section "Which way imports may point", as data. Every forbidden edge has a name.

/** Folders of the engine in the order of the data's way; a folder may import those of earlier stages. */
const stages = [
  ["workspace", "source", "hub"],
  ["checkpoint", "adapter"],
  ["pairing"],
  ["analysis", "edit", "evaluation", "training", "theory"],
  ["report"],
  ["audit", "shards"],
  ["library"],
  ["views"],
  ["procedures"],
];
/** These serve every stage and know only the contract. */
const services = ["linalg", "store", "jobs"];

const engineFolder = (names) => `^src/engine/(${names.join("|")})/`;
const tests = "\\.test\\.ts$";
const rendererTests = "\\.test\\.tsx?$|^renderer/testing/";

const laterStages = stages.slice(0, -1).map((names, index) => ({
  name: `engine-order-${names.join("-")}`,
  comment: "Inside the engine, imports follow the data's way backwards only.",
  severity: "error",
  from: { path: engineFolder(names), pathNot: tests },
  to: { path: engineFolder(stages.slice(index + 1).flat()) },
}));

export default {
  forbidden: [
    ...laterStages,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "contract-is-plain",
      comment: "Contracts: plain data and schemas; no Node, no I/O, nothing of the engine.",
      severity: "error",
      from: { path: "^src/contract/", pathNot: tests },
      to: { pathNot: ["^src/contract/", "^node_modules/(zod|@orpc/contract)/"] },
    },
    {
      name: "engine-stands-alone",
      severity: "error",
      from: { path: "^src/engine/", pathNot: tests },
      to: { path: "^(src/(cli|server)|main|renderer|test|tools)/" },
    },
    {
      name: "only-linalg-and-theory-know-the-addon",
      severity: "error",
      from: { path: "^(src|main|renderer)/", pathNot: "^src/engine/(linalg|theory)/" },
      to: { path: "^native/" },
    },
    {
      name: "services-know-only-the-contract",
      severity: "error",
      from: { path: engineFolder(services), pathNot: tests },
      to: {
        path: "^src/engine/",
        pathNot: [`^src/engine/(${services.join("|")})/`, "^src/engine/(version|program-folder|turns)\\.ts$"],
      },
    },
    {
      name: "one-door-to-the-engine",
      severity: "error",
      from: { path: "^(src/(cli|server)|main)/", pathNot: tests },
      to: { path: "^src/engine/", pathNot: "^src/engine/engine\\.ts$" },
    },
    {
      name: "only-the-engine-process-knows-the-engine",
      comment: "In the desktop app the engine lives in a process of its own.",
      severity: "error",
      from: { path: "^main/", pathNot: ["^main/engine-process\\.ts$", tests] },
      to: { path: "^src/(engine|server|cli)/" },
    },
    {
      name: "preload-decides-nothing",
      comment: "It runs between page and system: Electron, and types of the contract.",
      severity: "error",
      from: { path: "^main/preload/" },
      to: { pathNot: ["^node_modules/electron/"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "main-knows-no-page",
      severity: "error",
      from: { path: "^main/", pathNot: tests },
      to: { path: "^(renderer|test|tools)/" },
    },
    {
      name: "only-main-knows-electron",
      severity: "error",
      from: { path: "^(src|renderer)/" },
      to: { path: "^node_modules/electron/" },
    },
    {
      name: "server-knows-engine-and-contract",
      severity: "error",
      from: { path: "^src/server/", pathNot: tests },
      to: { path: "^src/cli/" },
    },
    {
      name: "renderer-knows-only-the-contract",
      severity: "error",
      from: { path: "^renderer/", pathNot: rendererTests },
      to: { pathNot: ["^renderer/", "^src/contract/", "^node_modules/"] },
    },
    {
      name: "renderer-is-browser-only",
      severity: "error",
      from: { path: "^renderer/", pathNot: rendererTests },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "renderer-order",
      comment: "widgets, charts ← sheets ← features ← app",
      severity: "error",
      from: { path: "^renderer/(widgets|charts|theme|client|host)/", pathNot: rendererTests },
      to: { path: "^renderer/(sheets|features|app|main)" },
    },
    {
      name: "sheets-serve-features",
      comment: "Dialogs that several views open.",
      severity: "error",
      from: { path: "^renderer/sheets/", pathNot: rendererTests },
      to: { path: "^renderer/(features|app|main)" },
    },
    {
      name: "features-do-not-know-the-app",
      severity: "error",
      from: { path: "^renderer/features/", pathNot: rendererTests },
      to: { path: "^renderer/(app|main)" },
    },
    {
      name: "features-never-import-each-other",
      severity: "error",
      from: { path: "^renderer/features/([^/]+)/", pathNot: rendererTests },
      to: { path: "^renderer/features/", pathNot: "^renderer/features/$1/" },
    },
    {
      name: "only-client-knows-a-transport",
      severity: "error",
      from: { path: "^renderer/", pathNot: ["^renderer/client/", rendererTests] },
      to: { path: ["^renderer/client/transports/", "^node_modules/@orpc/(client|server)/"] },
    },
    {
      name: "only-the-start-connects",
      severity: "error",
      from: { path: "^renderer/", pathNot: ["^renderer/(client|main)", rendererTests] },
      to: { path: "^renderer/client/connect\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "only-the-renderer-knows-react",
      severity: "error",
      from: { path: "^(src|main|bin|tools)/" },
      to: { path: "^node_modules/(react|react-dom|@mantine/|@tanstack/|recharts|@tabler/)" },
    },
    {
      name: "not-to-tests",
      severity: "error",
      from: { path: "^(src|main|renderer)/", pathNot: [tests, rendererTests] },
      to: { path: [tests, rendererTests] },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "deltascope\\.node$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
