/** FourierFT: a few Fourier coefficients at seeded random places, ΔW = scaling · Re(ifft2(F)). */
import { formulaFamily, numberSetting } from "./formula-family.ts";
import { randomPlaces, seedOf } from "./random-places.ts";

export const fourierft = formulaFamily({
  type: "FOURIERFT",
  factors: ["fourierft_spectrum"],
  needsBase: false,
  limits: "matrices below 214,748,364 entries",
  formula: "scaling",
  scale: scalingOf,
  check: (config) => {
    scalingOf(config);
    seedOf(config);
  },
  state: (module) => {
    const { config } = module.context.adapter;
    const { spectrum, seed } = randomPlaces(module, "fourierft_spectrum");
    const numbers = { seed, scale: scalingOf(config) };
    return { kind: "fourier", views: { spectrum }, numbers };
  },
});

function scalingOf(config: Record<string, unknown>): number {
  return numberSetting(config, "scaling", 150);
}
