/** FourierFT: a few Fourier coefficients at seeded random places, ΔW = scaling · Re(ifft2(F)). */
import { vectorView } from "../modules.ts";
import { formulaFamily, numberSetting, part } from "./formula-family.ts";

export const fourierft = formulaFamily({
  type: "FOURIERFT",
  factors: ["fourierft_spectrum"],
  needsBase: false,
  formula: "scaling",
  state: (module) => {
    const { config } = module.context.adapter;
    const spectrum = vectorView(part(module, "fourierft_spectrum", [undefined]));
    const numbers = {
      seed: numberSetting(config, "random_loc_seed", 777),
      scale: numberSetting(config, "scaling", 150),
    };
    return { kind: "fourier", views: { spectrum }, numbers };
  },
});
