/** What the published guidance asks before a method is chosen; beside an advice that knows samples and noise only. */
import styles from "./decision-checklist.module.css";

interface Line {
  topic: string;
  question: string;
  leaning: string;
  source: string;
}

const lines: readonly Line[] = [
  {
    topic: "Resources",
    question: "Do gradients and optimiser state of all weights fit?",
    leaning: "If not, LoRA: its authors report a third of the GPU memory on GPT-3 175B.",
    source: "Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021",
  },
  {
    topic: "Resources",
    question: "Does not even the frozen base fit?",
    leaning: "Adapters on a base in 4 bits; 65 B parameters were tuned on one GPU of 48 GB.",
    source: "Dettmers et al., QLoRA: Efficient Finetuning of Quantized LLMs, 2023",
  },
  {
    topic: "Forgetting",
    question: "Must old skills stay?",
    leaning: "On code and mathematics LoRA learned less and kept more than full fine-tuning; measure it here.",
    source: "Biderman et al., LoRA Learns Less and Forgets Less, 2024",
  },
  {
    topic: "Forgetting",
    question: "Is the rank small?",
    leaning: "Equal accuracy can hide intruder dimensions, and forgetting that goes with them.",
    source: "Shuttleworth et al., LoRA vs Full Fine-tuning: An Illusion of Equivalence, 2024",
  },
  {
    topic: "Number of tasks",
    question: "Many tasks on one base?",
    leaning: "Adapters are swapped or served together; full checkpoints each take a model's space.",
    source: "Sheng et al., S-LoRA: Serving Thousands of Concurrent LoRA Adapters, 2023",
  },
  {
    topic: "Number of tasks",
    question: "One task after the other on the same weights?",
    leaning: "Low-rank runs with intruder dimensions held up worse in sequence; compare the stages.",
    source: "Shuttleworth et al., LoRA vs Full Fine-tuning: An Illusion of Equivalence, 2024",
  },
];

export function DecisionChecklist() {
  return (
    <details className={styles.checklist} data-testid="checklist">
      <summary>Before you choose: resources, forgetting, number of tasks</summary>
      <ul>
        {lines.map(({ topic, question, leaning, source }) => (
          <li key={question}>
            <b>
              {topic}. {question}
            </b>{" "}
            {leaning} <cite>{source}.</cite>
          </li>
        ))}
      </ul>
    </details>
  );
}
