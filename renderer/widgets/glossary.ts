/** The words of the app, for tooltips on dotted terms and the list under "?". */

export const glossary = {
  delta: { word: "ΔW", meaning: "Tuned minus base weight of one module." },
  "relative change": { word: "Relative change", meaning: "‖ΔW‖ / ‖W0‖, both as Frobenius norms." },
  "singular value": { word: "Singular value σ", meaning: "How strongly a matrix stretches one direction." },
  spectrum: { word: "Spectrum", meaning: "All singular values in falling order." },
  energy: { word: "E(k)", meaning: "Share of Σσ² held by the k largest singular values." },
  k50: { word: "k50", meaning: "Fewest directions that hold 50 % of Σσ²." },
  k90: { word: "k90", meaning: "Fewest directions that hold 90 % of Σσ²." },
  "effective rank": {
    word: "Effective rank (entropy)",
    meaning: "exp of the entropy of σ/Σσ: how many directions matter.",
  },
  "stable rank": { word: "Stable rank", meaning: "Σσ² / σ₁²." },
  participation: { word: "Participation ratio", meaning: "(Σσ²)² / Σσ⁴." },
  intruder: {
    word: "Intruder dimension",
    meaning: "One of the top k left singular vectors of W whose best |cos| with all base left vectors is below ε.",
  },
  epsilon: { word: "ε, k", meaning: "Threshold of the intruder test, and how many top vectors are tested." },
  "intruder energy": { word: "Intruder energy", meaning: "Share of ‖ΔW‖² that lies along intruders." },
  "max cos": { word: "max |cos|", meaning: "Best match of a tuned vector among all base vectors." },
  "random direction": {
    word: "Random direction",
    meaning: "The best match that a random vector of this width would reach.",
  },
  bounds: {
    word: "Bounds, certificate",
    meaning: "Lower and upper limit of max |cos|, and the method that gave them.",
  },
  pressure: {
    word: "Pressure",
    meaning: "σ₁ of ΔW over the strength at which a new direction would enter the top k of W.",
  },
  unchanged: { word: "Weights unchanged", meaning: "Share of weights that are the same bits before and after." },
  lora: { word: "LoRA r, α", meaning: "Rank and scale of the adapter: ΔW = (α/r)·B·A." },
  fft: { word: "FFT", meaning: "Full fine-tuning: every weight may change." },
  lambda: { word: "λ", meaning: "Factor on the chosen intruders: 1 as trained, 0 removed." },
  "control arm": {
    word: "Control arm",
    meaning: "Another edit of equal size, to see whether the effect is specific.",
  },
  retention: { word: "Retention, old tasks", meaning: "What the base could do before." },
  forgetting: { word: "Forgetting", meaning: "Loss on old tasks against the base." },
  flip: { word: "Flip", meaning: "An item right before and wrong after (lost), or the reverse (gained)." },
  mcnemar: { word: "McNemar", meaning: "Exact test on flips." },
  holm: { word: "Holm", meaning: "Correction for several tests." },
  points: { word: "pp", meaning: "Percentage points." },
  "bits per byte": {
    word: "Bits per byte",
    meaning: "How many bits the model needs for one byte of text; lower is better.",
  },
  "rounding floor": {
    word: "Rounding floor",
    meaning: "Singular values below it can come from storing in half precision.",
  },
  "rank limit": { word: "Rank limit", meaning: "A LoRA of rank r has at most r directions." },
  samples: {
    word: "Examples n",
    meaning: "Independent training examples; for text between the number of examples and of trained tokens.",
  },
  "true rank": { word: "True rank r*", meaning: "How many directions the best update has." },
  noise: {
    word: "Noise σ",
    meaning: "Deviation of the label noise over that of the signal, in one output; 1 where both are equal.",
  },
  "excess risk": { word: "Excess risk", meaning: "Expected error above the best possible." },
  crossover: { word: "Crossover", meaning: "Where two methods' risks meet." },
  "label noise": { word: "Label noise", meaning: "Share of training labels that were replaced." },
  certified: { word: "Certified", meaning: "The bounds lie on one side of ε, so the answer is proven." },
  computed: { word: "Computed", meaning: "Calculated to a known error." },
  estimated: { word: "Estimated", meaning: "From a model, a sample or an extrapolation; written with ≈." },
  "not measured": { word: "Not measured", meaning: "Nothing is stored for this question yet." },
} as const;

export type GlossaryName = keyof typeof glossary;
