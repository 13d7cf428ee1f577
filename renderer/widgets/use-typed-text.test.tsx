import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { useTypedText } from "./use-typed-text.ts";

vi.mock("./use-still-here.ts", () => ({ useStillHere: () => () => true }));

/** An address that changes a while after it was asked to. */
const late = 60;

function Page() {
  const [address, setAddress] = useState("");
  const [text, setText] = useTypedText(address, (typed) => void setTimeout(setAddress, late, typed));
  return (
    <>
      <input aria-label="Filter" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <output>{address}</output>
      <button type="button" onClick={() => setAddress("all")}>
        Elsewhere
      </button>
    </>
  );
}

test("no letter is lost and the cursor stays, however late the address follows", async () => {
  const user = userEvent.setup({ delay: 20 });
  render(<Page />);
  const field = screen.getByLabelText<HTMLInputElement>("Filter");
  await user.type(field, "disk full");
  expect(field.value).toBe("disk full");
  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("disk full"));
  await user.type(field, "s", { initialSelectionStart: 4, initialSelectionEnd: 4 });
  expect([field.value, field.selectionStart]).toEqual(["disks full", 5]);
  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("disks full"));
  expect([field.value, field.selectionStart]).toEqual(["disks full", 5]);
});

test("an address that changes by itself is shown", async () => {
  const user = userEvent.setup();
  render(<Page />);
  await user.click(screen.getByRole("button"));
  expect(screen.getByLabelText<HTMLInputElement>("Filter").value).toBe("all");
});
