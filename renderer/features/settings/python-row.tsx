/** The Python that fine-tunes run on: its path, and what the trainer finds in it. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Settings } from "../../../src/contract/domain/settings.ts";
import type { TrainingEnvironment } from "../../../src/contract/domain/training.ts";
import { useConfigure } from "../../client/configure.ts";
import { useEngine } from "../../client/engine.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { Row } from "./row.tsx";

export function PythonRow({ settings }: { settings: Settings }) {
  const engine = useEngine();
  const configure = useConfigure();
  const [typed, setTyped] = useState<string>();
  const path = (typed ?? settings.python ?? "").trim();
  const check = useMutation({
    mutationFn: () => engine.training.environment({ refresh: true, ...(path === "" ? {} : { python: path }) }),
  });
  function keep() {
    if (path !== (settings.python ?? "")) configure({ python: path === "" ? null : path });
    setTyped(undefined);
  }
  return (
    <Row name="Python" note="Fine-tunes run on it; nothing is installed into a Python named here.">
      {(label) => (
        <>
          <TextInput
            w={320}
            aria-labelledby={label}
            placeholder="found by itself"
            value={typed ?? settings.python ?? ""}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              check.reset();
            }}
            onBlur={keep}
            onKeyDown={(event) => event.key === "Enter" && keep()}
          />
          <Button size="xs" loading={check.isPending} onClick={() => check.mutate()}>
            Check
          </Button>
          {check.data && <Found environment={check.data} />}
          {check.error && <ErrorCard error={toErrorDocument(check.error)} />}
        </>
      )}
    </Row>
  );
}

function Found({ environment: { python, packages, devices, problems } }: { environment: TrainingEnvironment }) {
  const names = ["torch", "transformers", "peft"].map((name) => `${name} ${packages[name] ?? "missing"}`);
  const found = [`Python ${packages.python}`, ...names, ...devices.map(({ name }) => name)].join(", ");
  return (
    <>
      {python !== null && (
        <span role="status">
          <FileText text={`${python}: ${found}`} />
        </span>
      )}
      {problems.map((problem) => (
        <ErrorCard key={problem.message} error={problem} tone="warn" />
      ))}
    </>
  );
}
