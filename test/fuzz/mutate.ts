/** Changes of good input: most of it still makes sense, so that what reads it gets far. */
import fc from "fast-check";

const ODD_TEXTS = [
  ...["", ".", "..", "../x", "/etc/passwd", "a\\b", "\0", "\u001b[2J", "\u202e", "__proto__", "constructor", "0", "-1"],
  ...[
    "default",
    "base_layer",
    "weight",
    ".*",
    "(",
    "(a*)*b",
    "(?=a)",
    "a{,3}",
    "\\",
    "é".repeat(300),
    "x".repeat(5000),
  ],
];
const ODD_NUMBERS = [0, -0, 1, -1, 2, 3, 0.5, 1e-320, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, -1e300];

const oddValue = fc.oneof(
  fc.constantFrom<unknown[]>(...ODD_TEXTS, ...ODD_NUMBERS, true, false, null),
  fc.jsonValue({ maxDepth: 2 }),
);
const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("exchange", "exchange", "exchange", "remove", "rename", "repeat", "copy"),
  from: fc.nat(),
  value: oddValue,
  name: fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string()),
});
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

/** One of the samples of plain JSON with some changes. */
export function changedJson<Value>(samples: readonly Value[]): fc.Arbitrary<unknown> {
  const changes = fc.array(change, { maxLength: 4 });
  return fc
    .tuple(fc.constantFrom(...samples), changes)
    .map(([sample, all]) => all.reduce(changeJson, sample as unknown));
}

function changeJson(root: unknown, made: Change): unknown {
  const copy = structuredClone(root);
  const places = placesOf(copy);
  const place = places[made.at % Math.max(places.length, 1)];
  if (place === undefined) return made.value;
  const { holder, key } = place;
  if (made.how === "remove") remove(holder, key);
  else if (made.how === "rename") set(holder, made.name, structuredClone(holder[key]));
  else if (made.how === "repeat") set(holder, key, new Array(1 + (made.from % 40)).fill(holder[key]));
  else if (made.how === "copy") set(holder, key, structuredClone(valueAt(places[made.from % places.length])));
  else set(holder, key, structuredClone(made.value));
  return copy;
}

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function valueAt(place: Place | undefined): unknown {
  return place?.holder[place.key];
}

function remove(holder: object, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder, key);
}

/** Own properties only, `__proto__` too; no holes in lists. */
function set(holder: object, key: string, value: unknown): void {
  if (Array.isArray(holder) && !(Number(key) < holder.length)) return;
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

const ODD_PIECES = [
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "NaN",
    "-Infinity",
    "1e999",
    "-0",
    "\uFEFF",
  ],
  ...[
    '"a":1',
    '"__proto__":',
    "[[[[",
    "]]]]",
    "// x",
    "\u2028",
    "\0",
    " ",
    "\n",
    "#",
    "&a ",
    "*a",
    "- ",
    "? ",
    "!x ",
    "|",
  ],
];
const textChange = fc.record({
  at: fc.nat(),
  taken: fc.oneof(fc.nat(3), fc.nat(200)),
  put: fc.oneof(fc.constantFrom(...ODD_PIECES), fc.string()),
  times: fc.constantFrom(1, 1, 1, 2, 100),
});

/** One of the texts with pieces exchanged, taken out or put in. */
export function changedText(samples: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...samples), fc.array(textChange, { maxLength: 5 })).map(([sample, changes]) =>
    changes.reduce((text, { at, taken, put, times }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put.repeat(times) + text.slice(place + taken);
    }, sample),
  );
}
