/** The token for gated and private repositories: which one is used, whose it is, and the one in the system's keychain. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { HubAccount, HubTokenStatus } from "../../../src/contract/domain/hub.ts";
import { useEngine } from "../../client/engine.ts";
import { hubTokenQuery } from "../../client/queries.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { Row } from "./row.tsx";

export function HubSection() {
  const engine = useEngine();
  const { data: status, error } = useQuery(hubTokenQuery(engine));
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (!status) return <Placeholder height={180} />;
  return (
    <>
      <Row name="Hub" note="HF_ENDPOINT names another one.">
        {status.endpoint}
      </Row>
      <UsedToken status={status} />
      <KeptToken status={status} />
    </>
  );
}

const places = { environment: "the variable", keychain: "the keychain, for", file: "the file" } as const;

function UsedToken({ status: { token } }: { status: HubTokenStatus }) {
  const engine = useEngine();
  const check = useMutation({ mutationFn: () => engine.hub.token.check() });
  const used = token === null ? "none" : `${token.hint} of ${places[token.from]} ${token.name}`;
  return (
    <Row name="Token in use" note="HF_TOKEN goes first, then the keychain, then the file of “hf auth login”.">
      <span>{used}</span>
      {token !== null && (
        <Button size="xs" loading={check.isPending} onClick={() => check.mutate()}>
          Check
        </Button>
      )}
      {token !== null && check.data && <span role="status">{accountText(check.data)}</span>}
      {token !== null && check.error && <ErrorCard error={toErrorDocument(check.error)} />}
    </Row>
  );
}

function accountText({ name, token, role, expiresAt }: HubAccount): string {
  const until = expiresAt === null ? null : `valid until ${expiresAt.slice(0, 10)}`;
  return [name, token, role, until].filter((fact) => fact !== null).join(", ");
}

function KeptToken({ status: { keychain } }: { status: HubTokenStatus }) {
  const engine = useEngine();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const show = (status: HubTokenStatus) => queries.setQueryData(hubTokenQuery(engine).queryKey, status);
  const keep = useMutation({
    mutationFn: () => engine.hub.token.set({ token: typed }),
    onSuccess(status) {
      setTyped("");
      show(status);
    },
  });
  const remove = useMutation({ mutationFn: () => engine.hub.token.remove(), onSuccess: show });
  const error = keep.error ?? remove.error;
  function submit(event: FormEvent) {
    event.preventDefault();
    remove.reset();
    keep.mutate();
  }
  return (
    <Row name="Keychain" note={keychain.problem ?? "Kept by this system for this Hub alone, and shown nowhere again."}>
      {(label) => (
        <>
          <form onSubmit={submit} style={{ display: "contents" }}>
            <TextInput
              type="password"
              w={320}
              aria-labelledby={label}
              autoComplete="off"
              placeholder={keychain.stored ? "another token in its place" : "hf_…"}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <Button size="xs" type="submit" disabled={typed.trim() === ""} loading={keep.isPending}>
              Keep
            </Button>
          </form>
          {keychain.stored && (
            <Button
              size="xs"
              variant="default"
              loading={remove.isPending}
              onClick={() => {
                keep.reset();
                remove.mutate();
              }}
            >
              Remove
            </Button>
          )}
          {error && <ErrorCard error={toErrorDocument(error)} />}
        </>
      )}
    </Row>
  );
}
