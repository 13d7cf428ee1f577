/** Whose token it is that questions carry. */
import { z } from "zod";
import type { HubAccount, HubTokenStatus } from "../../contract/domain/hub.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { parsedJson } from "../../contract/json.ts";
import { type FoundToken, findToken, type HubAccess, hubEndpoint, isToken } from "./access.ts";
import { readStart } from "./body.ts";
import { HubError } from "./failure.ts";
import type { Keychain } from "./keychain.ts";
import { ask } from "./request.ts";

/** An account's answer has some kilobytes; one with hundreds of organisations some hundred. */
const ANSWER_BYTES_MAXIMUM = 2 ** 20;
/** Longest name that is shown. */
const shortText = z.string().transform((text) => text.slice(0, 200));

const answer = z.object({
  name: shortText,
  auth: z
    .object({
      expiresAt: shortText.nullish(),
      accessToken: z.object({ displayName: shortText.nullish(), role: shortText.nullish() }).nullish(),
    })
    .nullish(),
});

/** Shorter ones, which no Hub gives out, would be told by their ends. */
const HINT_FROM = 20;

/** Which token questions would carry, and what is in the keychain. Asks nothing of the Hub. */
export async function tokenStatus(keychain: Keychain): Promise<HubTokenStatus> {
  const endpoint = hubEndpoint();
  const kept = await keychain.read(endpoint).then(
    (text) => ({ stored: text !== undefined, problem: null }),
    (thrown: unknown) => ({ stored: false, problem: toDeltaScopeError(thrown).message }),
  );
  const found = await findToken(endpoint, keychain);
  const token = found === undefined ? null : { from: found.from, name: found.name, hint: hintOf(found) };
  return { endpoint, token, keychain: kept };
}

/** So much that its owner knows it again. */
function hintOf({ text }: FoundToken): string {
  return isToken(text) && text.length >= HINT_FROM ? `${text.slice(0, 3)}…${text.slice(-4)}` : "…";
}

/** @throws DeltaScopeError `hub.unauthorised` without a token, or with one that the Hub does not know; other `hub.*` */
export async function whoAmI(access: HubAccess, signal: AbortSignal): Promise<HubAccount> {
  const what = "the account of the token";
  if (access.token === undefined) throw new HubError("hub.unauthorised", "There is no token for the Hub.", what);
  const question = { address: `${access.endpoint}/api/whoami-v2`, what, headers: { accept: "application/json" } };
  try {
    return await ask(access, question, signal, async ({ response }) => {
      const bytes = await readStart(response, ANSWER_BYTES_MAXIMUM, what);
      return accountIn(bytes.toString("utf8"));
    });
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    // The Hub answers 401 without a reason here too, as for models that it hides.
    if (error.code !== "hub.not-found") throw error;
    throw new HubError("hub.unauthorised", `${access.endpoint} does not know the token.`, what);
  }
}

function accountIn(text: string): HubAccount {
  const { data } = answer.safeParse(parsedJson(text));
  if (data === undefined) {
    throw new HubError("hub.answer-invalid", "The Hub answered no account for the token.", "the account of the token");
  }
  const { expiresAt, accessToken } = data.auth ?? {};
  const { role, displayName } = accessToken ?? {};
  return { name: data.name, token: displayName ?? null, role: role ?? null, expiresAt: expiresAt ?? null };
}
