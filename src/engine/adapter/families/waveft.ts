/** WaveFT: a few coefficients at seeded random places, as they are or through the inverse Haar transform. */
import { flagSetting, formulaFamily, numberSetting, unsupported } from "./formula-family.ts";
import { randomPlaces, seedOf } from "./random-places.ts";

export const waveft = formulaFamily({
  type: "WAVEFT",
  factors: ["waveft_spectrum"],
  needsBase: false,
  limits: "wavelet `db1` or none; matrices below 214,748,364 entries",
  formula: "scaling",
  scale: scalingOf,
  check: (config) => {
    scalingOf(config);
    seedOf(config);
    const { wavelet_family: wavelet = "db1" } = config;
    if (wavelet === "db1" || !flagSetting(config, "use_idwt", true)) return;
    throw unsupported("WAVEFT adapters with another wavelet than db1 are not supported.");
  },
  state: (module) => {
    const { config } = module.context.adapter;
    const { spectrum, seed } = randomPlaces(module, "waveft_spectrum");
    const numbers = {
      seed,
      scale: scalingOf(config),
      transform: flagSetting(config, "use_idwt", true) ? 1 : 0,
    };
    return { kind: "wavelet", views: { spectrum }, numbers };
  },
});

function scalingOf(config: Record<string, unknown>): number {
  return numberSetting(config, "scaling", 25);
}
