import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { HubTokenStatus } from "../../../src/contract/domain/hub.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { SettingsView } from "./settings-view.tsx";

const { client: real } = openEmptyWorkspace();
const endpoint = "https://huggingface.co";
const none: HubTokenStatus = { endpoint, token: null, keychain: { stored: false, problem: null } };
const kept: HubTokenStatus = {
  ...{ endpoint, keychain: { stored: true, problem: null } },
  token: { from: "keychain", name: endpoint, hint: "hf_…wxyz" },
};
const account = { name: "ada", token: "laptop", role: "read", expiresAt: "2027-01-01T00:00:00.000Z" };

function open(first: HubTokenStatus, token: Parameters<typeof fakeClient>[0]["hub"] = {}) {
  const answers = { hub: { token: { status: () => first, ...token.token } } };
  const client = fakeClient(answers, real);
  return renderView({ path: "/settings/$section", at: "/settings/hub", component: SettingsView, client });
}

test("a token is kept, checked and removed; its field is hidden and empty afterwards", async () => {
  const asked: string[] = [];
  const set = ({ token }: { token: string }) => {
    asked.push(token);
    return kept;
  };
  const { user } = open(none, { token: { set, remove: () => none, check: () => account } });
  await screen.findByText("none");
  expect(screen.queryByRole("button", { name: "Check" })).toBeNull();
  const field = screen.getByLabelText<HTMLInputElement>("Keychain");
  expect(field.type).toBe("password");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Keep" }).disabled).toBe(true);
  await user.type(field, "hf_secretwxyz{Enter}");
  await screen.findByText("hf_…wxyz of the keychain, for https://huggingface.co");
  expect(asked).toEqual(["hf_secretwxyz"]);
  expect(field.value).toBe("");
  expect(document.body.textContent).not.toContain("hf_secret");
  await user.click(screen.getByRole("button", { name: "Check" }));
  await screen.findByText("ada, laptop, read, valid until 2027-01-01");
  await user.click(screen.getByRole("button", { name: "Remove" }));
  await screen.findByText("none");
  expect(screen.queryByText(/ada/)).toBeNull();
});

test("why there is no keychain, a token that cannot be kept, and one that the Hub does not know", async () => {
  const problem = "The keychain of this system cannot be used: no service.";
  const file: HubTokenStatus = {
    ...{ endpoint, keychain: { stored: false, problem } },
    token: { from: "file", name: "/home/ada/token", hint: "…" },
  };
  const refuse = (code: "hub.keychain" | "hub.unauthorised", message: string) => () =>
    Promise.reject(new DeltaScopeError(code, message));
  const token = { set: refuse("hub.keychain", "It is locked."), check: refuse("hub.unauthorised", "Unknown token.") };
  const { user } = open(file, { token });
  await screen.findByText(problem);
  await screen.findByText("… of the file /home/ada/token");
  await user.click(screen.getByRole("button", { name: "Check" }));
  await screen.findByText("Unknown token.");
  await user.type(screen.getByLabelText("Keychain"), "hf_x{Enter}");
  await screen.findByText("It is locked.");
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Keychain").value).toBe("hf_x"));
});
