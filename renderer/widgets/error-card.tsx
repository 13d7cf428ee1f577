/** An error of the engine: what is wrong and where, the remedy, the code in small. */
import type { ReactNode } from "react";
import type { ErrorDocument } from "../../src/contract/errors.ts";
import { CopyButton } from "./copy-button.tsx";
import { FileText } from "./file-text.tsx";
import { Notice } from "./notice.tsx";

export interface ErrorCardProps {
  error: ErrorDocument;
  /** Headline; without it the message itself is the headline. */
  title?: string;
  /** Remedies as buttons, the main one first. */
  actions?: ReactNode;
  tone?: "bad" | "warn";
  testId?: string;
}

/** Messages quote names from files, so they are cut and made visible like them. */
const longestMessage = 600;

export function ErrorCard({ error, title, actions, tone = "bad", testId = "error-card" }: ErrorCardProps) {
  const message = <FileText text={error.message} limit={longestMessage} />;
  return (
    <Notice
      tone={tone}
      testId={testId}
      title={title ?? message}
      actions={
        <>
          {actions}
          <CopyButton label="Copy details" text={() => errorDetails(error)} />
        </>
      }
      footer={<code>{error.code}</code>}
    >
      {title && <p>{message}</p>}
      {error.where && !error.message.includes(error.where) && (
        <p>
          <FileText text={error.where} mono />
        </p>
      )}
      {error.tip && <p>{error.tip}</p>}
    </Notice>
  );
}

/** What "Copy details" puts on the clipboard. */
export function errorDetails(error: ErrorDocument): string {
  return [error.code, error.message, error.where, error.tip].filter(Boolean).join("\n");
}
