/** The paper's figures in words, and their crossovers as marks. */
import type { FigureDocument, FigureName } from "../../../../src/contract/domain/theory.ts";
import { formatSignificant } from "../../../../src/contract/format.ts";

/** In the paper's order; a schema sorts names that look like numbers first. */
export const figureNames: readonly FigureName[] = ["1a", "1b", "10a", "10b", "11", "12", "power"];

interface Label {
  title: string;
  about: string;
  says: string;
}

export const figureLabels: Record<FigureName, Label> = {
  "1a": {
    title: "Figure 1 a",
    about: "against d/n, strong noise",
    says: "With strong noise small ranks beat full fine-tuning over most sample sizes.",
  },
  "1b": {
    title: "Figure 1 b",
    about: "against the noise, n < d",
    says: "With few samples each rank has a noise level above which it beats full fine-tuning.",
  },
  "10a": {
    title: "Figure 10 a",
    about: "against d/n, weak noise",
    says: "With weak noise the rank of the shift is best everywhere; smaller ranks miss signal.",
  },
  "10b": {
    title: "Figure 10 b",
    about: "against the noise, n > d",
    says: "With many samples the crossovers move to stronger noise.",
  },
  "11": {
    title: "Figure 11",
    about: "against the rank of the shift",
    says: "Full fine-tuning does not see the rank of the shift; each LoRA is best where its rank is the shift’s.",
  },
  "12": {
    title: "Figure 12",
    about: "against an exponential decay",
    says: "The faster the shift’s spectrum falls, the smaller the rank that beats full fine-tuning.",
  },
  power: {
    title: "Power law (ours)",
    about: "against a power-law decay",
    says: "The same for a shift whose spectrum falls as a power law.",
  },
};

export const figureFacts: Record<FigureName, readonly string[]> = {
  "1a": ["k = d = 100, σ = 12 †, Δ⋆ of rank 4 with random factors.", "26 sample sizes from 10 to 953."],
  "10a": ["k = d = 100, σ = 1, Δ⋆ of rank 4 with random factors.", "26 sample sizes from 10 to 953."],
  "1b": ["k = d = 100, n = 50 †, Δ⋆ of rank 10 with random factors.", "40 noise levels from 1 to 100."],
  "10b": ["k = d = 100, n = 1000, Δ⋆ of rank 10 with random factors.", "40 noise levels from 1 to 100."],
  "11": ["k = d = 40, n = 30, σ = 2.", "Rank 32 is above n, so it is full fine-tuning."],
  "12": ["k = d = 40, n = 200, σ = 0.5.", "Singular values 5·exp(−λ(i − 1))."],
  power: ["k = d = 40, n = 200, σ = 0.5.", "Singular values 5·i^−p."],
};

/** Crossovers of the simulated means, at the height of full fine-tuning there. */
export function figureCrossings({ crossovers, series, x }: FigureDocument): { x: number; y: number; text: string }[] {
  const full = series.find(({ r }) => r === null);
  const values = full && (full.mean.length > 0 ? full.mean : full.closed);
  return crossovers.map(({ r, x: at, se }) => ({
    x: at,
    y: valueAt(x.values, values ?? [], at),
    text: `r ${r}: ${formatSignificant(at)}${se === null ? "" : ` ± ${formatSignificant(se, 1)}`}`,
  }));
}

/** Linear between neighbours, whichever way the places run. */
function valueAt(places: readonly number[], values: readonly number[], at: number): number {
  for (let index = 1; index < places.length; index += 1) {
    const [left, right] = [places[index - 1] ?? 0, places[index] ?? 0];
    if ((left - at) * (right - at) > 0) continue;
    const share = right === left ? 0 : (at - left) / (right - left);
    return (values[index - 1] ?? 0) * (1 - share) + (values[index] ?? 0) * share;
  }
  return values[0] ?? 0;
}
