/** What browsers have and jsdom lacks, and a clean page after every test. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

/** Size that every element claims to have: enough for virtual lists and charts to draw their content. */
const width = 1200;
const height = 700;

// The engine answers in milliseconds, but shares the machine with other test files: five seconds were too few.
configure({ asyncUtilTimeout: 30_000 });

afterEach(cleanup);

class FixedResizeObserver implements ResizeObserver {
  readonly #report: ResizeObserverCallback;

  constructor(report: ResizeObserverCallback) {
    this.#report = report;
  }

  observe(target: Element): void {
    const box = [{ inlineSize: width, blockSize: height }];
    const contentRect = new DOMRect(0, 0, width, height);
    const entry = { target, contentRect, borderBoxSize: box, contentBoxSize: box, devicePixelContentBoxSize: box };
    this.#report([entry], this);
  }

  unobserve(): void {}
  disconnect(): void {}
}

function matchMedia(media: string): MediaQueryList {
  const list = new EventTarget() as MediaQueryList;
  return Object.assign(list, { matches: false, media, onchange: null, addListener() {}, removeListener() {} });
}

/** Takes every drawing command and draws nothing; text is measured at six pixels a character. */
function canvasContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const drawn: Record<string | symbol, unknown> = {
    canvas,
    measureText: (text: string) => ({ width: text.length * 6 }),
  };
  return new Proxy(drawn, {
    get: (target, key) => (Object.hasOwn(target, key) ? target[key] : () => undefined),
    set: (target, key, value) => Reflect.set(target, key, value),
  }) as unknown as CanvasRenderingContext2D;
}

/** Pixels for a canvas that draws nothing. */
class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

globalThis.ImageData = PlainImageData as unknown as typeof ImageData;
globalThis.ResizeObserver = FixedResizeObserver;
window.matchMedia = matchMedia;
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.setPointerCapture = () => undefined;
Element.prototype.releasePointerCapture = () => undefined;
Element.prototype.hasPointerCapture = () => false;
Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: { configurable: true, get: () => width },
  offsetHeight: { configurable: true, get: () => height },
});
Object.defineProperties(Element.prototype, {
  clientWidth: { configurable: true, get: () => width },
  clientHeight: { configurable: true, get: () => height },
});
HTMLCanvasElement.prototype.getContext = function getContext(this: HTMLCanvasElement) {
  return canvasContext(this);
} as unknown as HTMLCanvasElement["getContext"];
Object.defineProperty(document, "fonts", { configurable: true, value: { ready: Promise.resolve() } });
