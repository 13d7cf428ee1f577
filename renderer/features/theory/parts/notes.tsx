/** What the model is, what each word of standing means, and what it leaves out. */
import { Panel } from "../../../widgets/panel.tsx";
import { alwaysSaid, layersSaid } from "../model/words.ts";
import styles from "../theory.module.css";

const standings: readonly [string, string][] = [
  ["exact", "an identity, or an expectation without approximation: full fine-tuning with Gaussian inputs"],
  ["≈ approximation", "LoRA’s fast curve: at the chosen rank 1.1 % off in the median, 6 % in one setting of ten"],
  ["± simulation", "a mean over random data sets with its standard error; exact in all but the draws"],
  ["≤ bound", "no update of rank r does better than the sum of the squared values it leaves out"],
];

export function Notes() {
  return (
    <div className={styles.notes}>
      <Panel title="The model" testId="panel-notes">
        <p>
          y = W⋆x + ε with d inputs, k outputs and n examples. W⋆ is the pretrained W₀ plus a shift Δ⋆, of which only
          the singular values matter. Full fine-tuning fits n examples by least squares, from W₀; LoRA of rank r finds
          the best update of that rank. The excess risk is the expected squared error above that of W⋆.
        </p>
        <p>
          The shift’s energy is scaled to k here, so that every output has a signal of variance 1, σ is its noise, and
          not training costs k. The ratio of noise to shift, ρ, is σ².
        </p>
        <p>
          Fewer examples than inputs leave directions unseen: that is bias. The fitted noise is variance; it diverges
          where n meets d, and a small rank keeps most of it out.
        </p>
      </Panel>
      <Panel title="Words of standing" testId="panel-standings">
        <dl className={styles.words}>
          {standings.map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <Panel title="What it leaves out" testId="panel-limits">
        <p>{alwaysSaid}</p>
        <p>{layersSaid} The layers of a network are treated separately.</p>
        <p>
          A published tendency the model cannot show: in continued pre-training, updates of full fine-tuning have far
          higher rank than usual adapters.
        </p>
        <p className={styles.note}>
          After Zindari, Mulayoff and Stich, LoRA vs. Full Fine-Tuning: A Theoretical Perspective, 2026.
        </p>
      </Panel>
    </div>
  );
}
