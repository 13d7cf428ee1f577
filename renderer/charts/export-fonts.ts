/** The page's fonts as data, because a picture may load nothing. */

/** Scripts that charts use: Latin and Greek letters, signs. */
const neededRanges = [/U\+0{0,3}0-/i, /U\+0?37/i];

/** `@font-face` rules of the page with their files inside; empty where the page has none. */
export async function embeddedFonts(): Promise<string> {
  const rules = [...document.styleSheets].flatMap(fontRules).filter(isNeeded);
  return (await Promise.all(rules.map(withFile))).join("\n");
}

function fontRules(sheet: CSSStyleSheet): CSSFontFaceRule[] {
  return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
}

function isNeeded({ style }: CSSFontFaceRule): boolean {
  const range = style.getPropertyValue("unicode-range");
  const upright = style.getPropertyValue("font-style") !== "italic";
  return upright && (range === "" || neededRanges.some((needed) => needed.test(range)));
}

async function withFile(rule: CSSFontFaceRule): Promise<string> {
  const source = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src"))?.[1];
  if (!source) return "";
  const base = rule.parentStyleSheet?.href ?? document.baseURI;
  const answer = await fetch(new URL(source, base));
  if (!answer.ok) return "";
  return rule.cssText.replace(source, await dataUrl(await answer.blob()));
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
